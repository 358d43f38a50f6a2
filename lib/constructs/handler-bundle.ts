import { DockerImage, AssetHashType } from 'aws-cdk-lib';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { buildSync, formatMessagesSync } from 'esbuild';
import { cpSync, existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { functionRows, kebabOf } from '../../src/contract/lifecycle';

/** Root of the project; its lambdas/ and migrations/ are bundled. */
export const PROJECT_ROOT = join(__dirname, '..', '..');

/**
 * The code of all functions: the handlers, everything that they import, and the SQL files of the migrations. All functions
 * share one asset.
 */
export function handlerCode(): Code {
  return Code.fromAsset(join(PROJECT_ROOT, 'lambdas'), {
    assetHashType: AssetHashType.OUTPUT,
    bundling: {
      // Never pulled: local bundling either succeeds or throws.
      image: DockerImage.fromRegistry('scratch'),
      local: {
        tryBundle(outputDirectory) {
          bundleHandlers(PROJECT_ROOT, outputDirectory);
          return true;
        },
      },
    },
  });
}

/**
 * Writes `index.js`, its source map and `migrations/**\/*.sql` into a directory.
 * The AWS SDK is bundled, so the deployed version is the tested one. Class names are kept, because Step Functions matches
 * errors by name.
 * @param handlers the entry's exports, each from lambdas/<name in kebab case>.ts
 * @throws esbuild's BuildFailure, and Error for its warnings: they report missing exports and unreachable code
 */
export function bundleHandlers(
  projectRoot: string,
  outputDirectory: string,
  handlers: readonly string[] = functionRows().map(({ name }) => name),
): void {
  const { warnings } = buildSync({
    absWorkingDir: projectRoot,
    stdin: {
      contents: handlers.map((name) => `export { ${name} } from './lambdas/${kebabOf(name)}';`).join('\n'),
      resolveDir: projectRoot,
      sourcefile: 'handlers.js',
      // As JavaScript, so that esbuild rejects a missing export; in TypeScript it could be a type.
      loader: 'js',
    },
    outfile: join(outputDirectory, 'index.js'),
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    keepNames: true,
    loader: { '.sql': 'text' },
    sourcemap: 'external',
    sourcesContent: false,
    logLevel: 'silent',
    // The first deployment may precede the first definition.
    logOverride: { 'empty-glob': 'silent' },
  });
  if (warnings.length > 0) throw new Error(formatMessagesSync(warnings, { kind: 'warning' }).join('\n'));
  copySqlFiles(join(projectRoot, 'migrations'), join(outputDirectory, 'migrations'));
}

function copySqlFiles(from: string, to: string): void {
  if (!existsSync(from)) return;
  cpSync(from, to, {
    recursive: true,
    filter: (path) => statSync(path).isDirectory() || path.endsWith('.sql'),
  });
}

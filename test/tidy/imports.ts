import { posix } from 'node:path';
import type { TrackedFile } from './files';

/** What the files of a folder may import from the project; their own folder is always open to them. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  'src/contract': [],
  'src/core': ['src/contract'],
  'src/adapters': ['src/contract', 'src/core', 'migrations'],
  'src/client': ['src/contract', 'src/core', 'src/adapters'],
  'src/rehearsal': ['src/contract'],
  'src/bench': ['src/contract', 'src/core', 'src/adapters', 'src/rehearsal'],
  'src/cli': ['src/contract', 'src/core', 'src/adapters', 'src/rehearsal', 'src/bench'],
  lambdas: ['src/contract', 'src/core', 'src/adapters', 'migrations'],
  lib: ['src/contract'],
  migrations: ['src/core'],
};

/** Packages that a folder may import, where that is part of its promise; elsewhere every package is allowed. */
const MAY_USE: Readonly<Record<string, RegExp>> = {
  'src/contract': /^$/,
  'src/core': /^node:crypto$/,
  'src/adapters': /^(@aws-sdk|@aws-lambda-powertools|@smithy)\/|^node:/,
  'src/client': /^(@aws-sdk|@smithy)\/|^node:/,
  lambdas: /^(@aws-sdk|@aws-lambda-powertools|@smithy|@types)\/|^aws-lambda$|^node:/,
  lib: /^(aws-cdk-lib|constructs|cdk-nag|esbuild)(\/|$)|^node:/,
};

/** Beside the definitions, and never part of what is deployed. */
const WORKLOAD = /^migrations\/[^/]+\/workload\.ts$/;

const folderOf = (path: string): string | undefined =>
  Object.keys(MAY_IMPORT).find((folder) => path === folder || path.startsWith(`${folder}/`));

/** Every specifier that a file imports, re-exports or requires; of a template literal, the part before the first hole. */
export function specifiersOf(text: string): string[] {
  const withoutComments = text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
  const patterns = [
    /\bfrom\s+['"]([^'"]+)['"]/g,
    /\bimport\s+['"]([^'"]+)['"]/g,
    /\b(?:import|require)\s*\(\s*['"`]([^'"`$]+)/g,
  ];
  return patterns.flatMap((pattern) => [...withoutComments.matchAll(pattern)].map((match) => match[1]!));
}

/** Imports of a file that its folder does not allow, in words. */
export function forbiddenImports({ path, text }: TrackedFile): string[] {
  const folder = folderOf(path);
  if (folder === undefined) return [];
  return specifiersOf(text).flatMap((specifier) =>
    isAllowed(folder, path, specifier) ? [] : [`${path} imports ${specifier}, which ${folder} may not`],
  );
}

function isAllowed(folder: string, path: string, specifier: string): boolean {
  if (!specifier.startsWith('.')) return MAY_USE[folder]?.test(specifier) ?? true;
  const imported = posix.join(posix.dirname(path), specifier);
  const workload = WORKLOAD.test(path) ? ['src/rehearsal/workload'] : [];
  return [folder, ...MAY_IMPORT[folder]!, ...workload].some(
    (open) => imported === open || imported.startsWith(`${open}/`),
  );
}

import { App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { readEnvironment } from '../lib/environment';
import type { MigrationEndpoints } from '../lib/endpoints';
import { SettingsRefused } from '../lib/errors';
import { SluiceStack } from '../lib/stacks/sluice-stack';
import type { Definition } from '../src/core/definition/definition';
import { defineMigration } from '../src/core/definition/definition';
import { InvalidDefinition } from '../src/core/errors';

const ROOT = join(__dirname, '..');
const MIGRATIONS = join(ROOT, 'migrations');

/** Loads the endpoints of every definition that names the environment; others are skipped. */
function loadEndpoints(environmentName: string): MigrationEndpoints[] {
  const files = existsSync(MIGRATIONS) ? readdirSync(MIGRATIONS).filter((file) => file.endsWith('.ts')) : [];
  return files.sort().flatMap((file) => {
    const { name, source, target } = loadDefinition(file);
    const [from, to] = [source[environmentName], target[environmentName]];
    return from && to ? [{ migration: name, source: from, target: to }] : [];
  });
}

function loadDefinition(file: string): Definition {
  const loaded = createRequire(__filename)(join(MIGRATIONS, file)) as { readonly default?: Definition };
  if (!loaded.default)
    throw new SettingsRefused(
      `migrations/${file} has no default export; write export default defineMigration({ … }).`,
    );
  const definition = defineMigration(loaded.default);
  const problems = [
    ...(`${definition.name}.ts` === file
      ? []
      : [`its name is '${definition.name}'; make name and file equal`]),
    ...definition.targetSchema
      .filter((path) => !existsSync(join(MIGRATIONS, path)))
      .map(
        (path) =>
          `targetSchema names ${path}, which is not below migrations/; add the file or correct the name`,
      ),
  ];
  if (problems.length > 0)
    throw new SettingsRefused(`migrations/${file} is not usable: ${problems.join('; ')}.`);
  return definition;
}

/** Reads the context from cdk.json, so that the app also runs without the CDK CLI, which adds its own context. */
function readContext(): Record<string, unknown> {
  const settings = JSON.parse(readFileSync(join(ROOT, 'cdk.json'), 'utf8')) as {
    context: Record<string, unknown>;
  };
  return settings.context;
}

function synthesize(): void {
  const app = new App({ context: readContext() });
  const environment = readEnvironment(app.node);
  new SluiceStack(app, 'Sluice', { environment, endpoints: loadEndpoints(environment.name) });
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  app.synth();
}

try {
  synthesize();
} catch (error) {
  if (!(error instanceof SettingsRefused || error instanceof InvalidDefinition)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}

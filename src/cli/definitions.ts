import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { defineMigration, type Definition } from '../core/definition/definition';
import { InvalidDefinition } from '../core/errors';
import { CommandFailed } from './failures';

export const PROJECT_ROOT = join(__dirname, '..', '..');

const MIGRATIONS = join(PROJECT_ROOT, 'migrations');

export const migrationNames = (): string[] =>
  readdirSync(MIGRATIONS)
    .filter((file) => file.endsWith('.ts'))
    .map((file) => file.slice(0, -'.ts'.length))
    .sort();

/** The definition in `migrations/<name>.ts`. @throws CommandFailed if it is missing or invalid */
export function loadMigration(name: string): Definition {
  const known = migrationNames();
  if (!known.includes(name))
    throw new CommandFailed(
      `migrations/${name}.ts does not exist; migrations/ has ${known.join(', ') || 'no definitions'}`,
    );
  try {
    const loaded = createRequire(__filename)(join(MIGRATIONS, `${name}.ts`)) as { default?: Definition };
    if (loaded.default === undefined)
      throw new CommandFailed(
        `migrations/${name}.ts has no default export; write export default defineMigration({ … })`,
      );
    return defineMigration(loaded.default);
  } catch (error) {
    if (error instanceof InvalidDefinition) throw new CommandFailed(error.message, { cause: error });
    throw error;
  }
}

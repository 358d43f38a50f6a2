/** Arguments shared by the verbs for a deployed migration. */
import type { Arguments, Flag, Positional } from './arguments';
import { Operator } from './operator';

export const MIGRATION: Positional = {
  name: 'migration',
  description: 'the name of a migration, as in migrations/<name>.ts',
};

export const ENVIRONMENT: Flag = {
  value: 'NAME',
  description: 'environment of cdk.json that the migration is deployed in (default: dev)',
};

const MIGRATION_NAME = /^[a-z][a-z0-9-]{0,39}$/;
const ENVIRONMENT_NAME = /^[a-z][a-z0-9-]{0,19}$/;

export interface Target {
  readonly migration: string;
  readonly environment: string;
}

export function readTarget(given: Arguments): Target {
  const migration = given.positional(MIGRATION.name);
  const environment = given.text('env') ?? 'dev';
  if (migration !== '' && !MIGRATION_NAME.test(migration))
    given.refuse(
      `<migration> is ${JSON.stringify(migration)}; use 1 to 40 lower-case letters, digits and hyphens, starting with a letter`,
    );
  if (!ENVIRONMENT_NAME.test(environment))
    given.refuse(
      `--env is ${JSON.stringify(environment)}; name an environment of cdk.json, such as dev or prod`,
    );
  return { migration, environment };
}

export const operatorOf = ({ environment }: Target): Operator => new Operator({ environment });

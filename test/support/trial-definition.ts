/** The definition that a trial moves its tables by. */
import type { Side as SideName } from '../../src/contract/sides';
import {
  defineMigration,
  type Definition,
  type MigrationDefinition,
  type TableMapping,
} from '../../src/core/definition/definition';
import { SCHEMA } from './side';

export const ENVIRONMENT = 'test';

export interface Setup {
  /** Statements that make the tables, on both ends unless `target` is given, as the application's owner. */
  readonly tables: string;
  readonly target?: string;
  /** Statements that fill the source. */
  readonly seed?: string;
  /** Tables of the schema, mapped to themselves, or whole mappings. @default t */
  readonly map?: readonly (string | TableMapping)[];
  readonly definition?: Partial<MigrationDefinition>;
  /** Texts of the definition's schema files, by name. */
  readonly files?: Readonly<Record<string, string>>;
}

export function definitionOf(
  name: string,
  { map = ['t'], definition, files }: Omit<Setup, 'tables'>,
): Definition {
  return defineMigration({
    name,
    shape: 'offline',
    source: { [ENVIRONMENT]: endpoint('source') },
    target: { [ENVIRONMENT]: endpoint('target') },
    ...(files ? { targetSchema: Object.keys(files) } : {}),
    tables: map.map((mapping) =>
      typeof mapping === 'string'
        ? { source: `${SCHEMA}.${mapping}`, target: `${SCHEMA}.${mapping}`, chunking: { rows: 100 } }
        : mapping,
    ),
    ...definition,
  });
}

export const endpoint = (side: SideName) => ({
  clusterArn: `arn:aws:rds:eu-west-1:111122223333:cluster:${side}`,
  database: 'app',
  ownerSecretArn: `arn:aws:secretsmanager:eu-west-1:111122223333:secret:${side}-owner`,
  controlSecretArn: `arn:aws:secretsmanager:eu-west-1:111122223333:secret:${side}-control`,
  workerSecretArn: `arn:aws:secretsmanager:eu-west-1:111122223333:secret:${side}-worker`,
  verifierSecretArn: `arn:aws:secretsmanager:eu-west-1:111122223333:secret:${side}-verifier`,
});

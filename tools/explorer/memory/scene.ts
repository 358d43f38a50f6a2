/** The migration of every scenario: one table with two integer columns. */
import { defineMigration, type Definition } from '../../../src/core/definition/definition';
import type { Deployed } from '../../../src/core/execution/generation-start';
import type { Layout } from '../../../src/core/layout';
import { shapeNames, type Shape } from '../../../src/contract/lifecycle';

export const MIGRATION = 'move';
/** Id of the control plane. */
export const OWNER = 'owner';

/** A control plane: its id, and the prefix of its ledger's sort keys. */
export interface Plane {
  readonly owner: string;
  readonly items: string;
}

export const FIRST: Plane = { owner: OWNER, items: '' };
/** The control plane of another environment with the same endpoints. */
export const OTHER: Plane = { owner: 'other', items: 'other/' };
/** A restored copy of the first control plane's ledger. */
export const RESTORED: Plane = { owner: OWNER, items: 'restored/' };

export const TABLE = 'shop.t';

const column = (name: string) => ({
  from: name,
  expression: null,
  to: name,
  fromType: 'integer',
  toType: 'integer',
  toPlainType: 'integer',
  transport: 'array' as const,
  sent: true,
  fixed: false,
});

/** Wide, so a page may have fewer rows than requested without being the last. */
export const LAYOUT: Layout = {
  from: { schema: 'shop', name: 't' },
  to: { schema: 'shop', name: 't' },
  wide: true,
  where: null,
  columns: [column('id'), column('v')],
  key: [{ from: 'id', to: 'id', fromType: 'integer', toType: 'integer' }],
  identity: ['id'],
  uniques: [],
  partitions: 1,
  foreignKeys: [],
  sequences: [],
};

const endpoint = (side: string) => ({
  clusterArn: `arn:aws:rds:eu-west-1:111122223333:cluster:${side}`,
  database: 'app',
  ownerSecretArn: `arn:aws:secretsmanager:eu-west-1:111122223333:secret:${side}-owner`,
  controlSecretArn: `arn:aws:secretsmanager:eu-west-1:111122223333:secret:${side}-control`,
  workerSecretArn: `arn:aws:secretsmanager:eu-west-1:111122223333:secret:${side}-worker`,
  verifierSecretArn: `arn:aws:secretsmanager:eu-west-1:111122223333:secret:${side}-verifier`,
});

const define = (shape: Shape): Definition =>
  defineMigration({
    name: MIGRATION,
    shape,
    source: { test: endpoint('source') },
    target: { test: endpoint('target') },
    tables: [{ source: TABLE, target: TABLE }],
  });

const DEFINITIONS = new Map(shapeNames().map((shape) => [shape, define(shape)]));

/** The definition as a deployment has it. */
export const deployedOf = (shape: Shape): Deployed => ({
  definition: definitionOf(shape),
  source: endpoint('source'),
  target: endpoint('target'),
  schemaTexts: [],
});

export const definitionOf = (shape: Shape): Definition => DEFINITIONS.get(shape)!;

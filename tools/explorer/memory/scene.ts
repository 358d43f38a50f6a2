/** The migration of every scenario: one table with two integer columns. */
import { defineMigration, type Definition } from '../../../src/core/definition/definition';
import type { Layout } from '../../../src/core/layout';
import { shapeNames, type Shape } from '../../../src/contract/lifecycle';

export const MIGRATION = 'move';
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
  workerSecretArn: `arn:aws:secretsmanager:eu-west-1:111122223333:secret:${side}-worker`,
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

export const definitionOf = (shape: Shape): Definition => DEFINITIONS.get(shape)!;

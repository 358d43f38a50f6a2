import type { Layout } from '../../src/core/layout';

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

/** A table with a filter, a large row and a foreign key. */
export const SAMPLE_LAYOUT: Layout = {
  from: { schema: 'shop', name: 't' },
  to: { schema: 'shop', name: 't' },
  wide: true,
  columns: [column('id'), column('v')],
  key: [{ from: 'id', to: 'id', fromType: 'integer', toType: 'integer' }],
  identity: ['id'],
  uniques: [],
  partitions: 1,
  sequences: [],
  where: 'v > 0',
  foreignKeys: [
    {
      name: 'parent',
      ofPartition: null,
      columns: ['v'],
      references: { schema: 'shop', name: 'p' },
      toPartition: null,
      comparisons: [{ operator: 'OPERATOR(pg_catalog.=)', collation: null }],
      referencedColumns: ['id'],
      mirrored: false,
    },
  ],
};

import type { Side } from '../../contract/sides';
import type { ForeignKeyDescription } from '../catalog';
import type { Problem } from '../errors';
import { parseTableName, quoteTable } from '../identifier';
import { endsOf, type TableEnd, type Facts, type Pair } from './facts';

/**
 * Refuses foreign keys between a mapped and an unmapped table, on both ends: after the flip, the writers of the two tables
 * would be in different databases.
 */
export const foreignKeys = (pair: Pair, facts: Facts): Problem[] =>
  endsOf(pair).flatMap((end) => {
    const mapped = mappedTables(end.side, facts);
    const outward = end.table.foreignKeys.filter(({ to }) => !mapped.has(quoteTable(to)));
    const inward = end.table.referencedBy.filter(({ from }) => !mapped.has(quoteTable(from)));
    return [
      ...outward.map((key) => crossing(end, key, `references ${quoteTable(key.to)}, which is not mapped`)),
      ...inward.map((key) => crossing(end, key, `belongs to ${quoteTable(key.from)}, which is not mapped`)),
    ];
  });

const crossing = ({ side, name }: TableEnd, key: ForeignKeyDescription, how: string): Problem => ({
  check: 'foreign-keys',
  subject: `${side} table ${name}`,
  found: `foreign key ${key.name} ${how}`,
  remedy: 'Map that table too, or drop the foreign key',
});

function mappedTables(side: Side, facts: Facts): ReadonlySet<string> {
  const names = facts.definition.tables.map((mapping) => parseTableName(mapping[side]));
  return new Set(names.filter((name) => name !== null).map(quoteTable));
}

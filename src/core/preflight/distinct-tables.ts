import type { Problem } from '../errors';
import { parseTableName, quoteTable } from '../identifier';
import { isOneDatabase, type Facts, type Pair } from './facts';

/** Refuses a table that is a source and a target at once, in one mapping or in two of them. */
export const distinctTables = ({ mapping }: Pair, facts: Facts): Problem[] => {
  const { definition } = facts;
  const isTarget = (other: { readonly target: string }) => isSameTable(mapping.source, other.target);
  const twin = isTarget(mapping) ? mapping : definition.tables.find(isTarget);
  if (!twin || !isOneDatabase(facts)) return [];
  return [
    {
      check: 'distinct-tables',
      subject: `table ${mapping.source}`,
      found:
        twin === mapping
          ? 'source and target are the same table of the same database'
          : `it is also the target of ${twin.source}, in the same database`,
      remedy: 'Map it to another table, schema, database or cluster',
    },
  ];
};

function isSameTable(one: string, other: string): boolean {
  const [left, right] = [parseTableName(one), parseTableName(other)];
  return left !== null && right !== null && quoteTable(left) === quoteTable(right);
}

import type { TableDescription } from '../catalog';
import type { Problem } from '../errors';
import { endsOf, type Pair } from './facts';

/** Ordinary and partitioned tables only: what can carry a guard that nothing goes around. */
export const tableKind = (pair: Pair): Problem[] =>
  endsOf(pair).flatMap(({ side, name, table }) =>
    kindProblems(table).map(([found, remedy]) => ({
      check: 'table-kind',
      subject: `${side} table ${name}`,
      found,
      remedy,
    })),
  );

function kindProblems(table: TableDescription): [string, string][] {
  const problems: [string, string][] = [];
  if (!['table', 'partitioned table'].includes(table.kind))
    problems.push([
      table.kind === 'other' ? 'it is no table' : `it is a ${table.kind}`,
      'map the table behind it',
    ]);
  if (table.isPartition) problems.push(['it is a partition', 'map the partitioned table that it belongs to']);
  if (table.hasInheritanceChildren || table.isInheritanceChild)
    problems.push(['it takes part in inheritance', 'use partitions, or NO INHERIT']);
  if (table.hasForeignPartitions)
    problems.push(['a partition is a foreign table', 'detach it: another server cannot be guarded']);
  if (table.isTemporaryOrUnlogged)
    problems.push(['it or a partition is temporary or unlogged', 'ALTER TABLE … SET LOGGED']);
  return problems;
}

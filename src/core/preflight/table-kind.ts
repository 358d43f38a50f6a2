import type { TableDescription } from '../catalog';
import type { Problem } from '../errors';
import { endsOf, type Pair } from './facts';

/** Requires an ordinary or partitioned table: writes to other kinds can bypass a guard. */
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
      table.kind === 'other' ? 'it is not a table' : `it is a ${table.kind}`,
      'Map the underlying table',
    ]);
  if (table.isPartition) problems.push(['it is a partition', 'Map the partitioned table that it belongs to']);
  if (table.hasInheritanceChildren || table.isInheritanceChild)
    problems.push(['it is part of an inheritance tree', 'Use partitions, or NO INHERIT']);
  if (table.hasForeignPartitions)
    problems.push([
      'a partition is a foreign table',
      'Detach it: Sluice cannot guard a table of another server',
    ]);
  if (table.isTemporaryOrUnlogged)
    problems.push(['it or a partition is temporary or unlogged', 'ALTER TABLE … SET LOGGED']);
  return problems;
}

import type { ColumnDescription } from '../catalog';
import type { Problem } from '../errors';
import { expressionsOf } from '../layout';
import type { Pair } from './facts';

/** What SQL or the row function computes goes to a column that takes it, now and after the migration. */
export function computedColumns({ mapping, target }: Pair): Problem[] {
  const computed = [...expressionsOf(mapping).keys(), ...(mapping.rowFunction?.writes ?? [])];
  return computed.flatMap((name) => {
    const column = target?.table.columns.find((candidate) => candidate.name === name);
    const problem = column && whyNotComputed(column);
    return problem
      ? [{ check: 'computed-columns', subject: `target table ${mapping.target}, column ${name}`, ...problem }]
      : [];
  });
}

function whyNotComputed(column: ColumnDescription): Pick<Problem, 'found' | 'remedy'> | null {
  if (column.generated)
    return {
      found: 'the target generates it, and the mapping computes it, too',
      remedy: 'leave it to the target, or make it an ordinary column',
    };
  if (column.sequence !== null)
    return {
      found: `it draws from sequence ${column.sequence}, which would begin anew behind computed values`,
      remedy: 'add the default or identity after the migration, with a start beyond the greatest value',
    };
  return null;
}

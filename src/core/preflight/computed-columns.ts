import type { ColumnDescription } from '../catalog';
import type { Problem } from '../errors';
import { expressionsOf } from '../layout';
import type { Pair } from './facts';

/** Requires that a target column accepts the values that SQL or the row function computes, also after the migration. */
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
      found: 'both the target and the mapping compute this column',
      remedy: 'Remove it from the mapping, or make it an ordinary column',
    };
  if (column.sequence !== null)
    return {
      found: `its default uses sequence ${column.sequence}, which would restart below the computed values`,
      remedy: 'Add the default or identity after the migration, with a start above the greatest value',
    };
  return null;
}

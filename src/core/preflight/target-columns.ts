import type { Problem } from '../errors';
import { mappedColumns } from '../layout';
import type { Pair } from './facts';

/** Requires a target column for every mapped column, and a value for every target column that needs one. */
export function targetColumns({ mapping, source, target }: Pair): Problem[] {
  if (!source || !target) return [];
  const mapped = mappedColumns(mapping, source.table);
  const known = target.table.columns.map((column) => column.name);
  const filled = new Set([
    ...mapped.values(),
    ...Object.keys(mapping.columns),
    ...(mapping.rowFunction?.writes ?? []),
  ]);
  const missing = [...mapped].filter(([, to]) => !known.includes(to) && !(to in mapping.columns));
  const unfilled = target.table.columns.filter(
    (column) =>
      !filled.has(column.name) &&
      column.refusesNull &&
      !column.hasDefault &&
      !column.generated &&
      column.identity === null,
  );
  return [
    ...missing.map(([from, to]) => ({
      check: 'target-columns',
      subject: `target table ${mapping.target}`,
      found: `column ${to} for source column ${from} does not exist`,
      remedy:
        'Add it, map the source column to another column in columns, or omit it (expressions may still read it)',
    })),
    ...unfilled.map((column) => ({
      check: 'target-columns',
      subject: `target table ${mapping.target}, column ${column.name}`,
      found: 'it is NOT NULL without a default, and the mapping gives it no value',
      remedy: 'Map a source column or an expression to it, give it a default, or allow NULL',
    })),
  ];
}

import type { Problem } from '../errors';
import { mappedColumns } from '../layout';
import type { Pair } from './facts';

/** Every column that travels has a place, and the target asks for no value that nothing brings. */
export function targetColumns({ mapping, source, target }: Pair): Problem[] {
  if (!source || !target) return [];
  const mapped = mappedColumns(mapping, source.table);
  const known = target.table.columns.map((column) => column.name);
  const brought = new Set([
    ...mapped.values(),
    ...Object.keys(mapping.columns),
    ...(mapping.rowFunction?.writes ?? []),
  ]);
  const homeless = [...mapped].filter(([, to]) => !known.includes(to) && !(to in mapping.columns));
  const unfilled = target.table.columns.filter(
    (column) =>
      !brought.has(column.name) &&
      column.refusesNull &&
      !column.hasDefault &&
      !column.generated &&
      column.identity === null,
  );
  return [
    ...homeless.map(([from, to]) => ({
      check: 'target-columns',
      subject: `target table ${mapping.target}`,
      found: `there is no column ${to} for source column ${from}`,
      remedy:
        'add it, map it to another column in columns, or leave it behind with omit (expressions may still read it)',
    })),
    ...unfilled.map((column) => ({
      check: 'target-columns',
      subject: `target table ${mapping.target}, column ${column.name}`,
      found: 'it is NOT NULL, has no default, and nothing brings it a value',
      remedy: 'map a source column or an expression to it, give it a default, or allow NULL',
    })),
  ];
}

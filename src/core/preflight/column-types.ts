import type { ColumnDescription } from '../catalog';
import type { Problem } from '../errors';
import { mappedColumns } from '../layout';
import type { Facts, Pair } from './facts';
import { isBuiltIn, whyNotHeld } from './value-types';

/** Every value of the source's column or expression fits in the target's column and reads the same there. */
export function columnTypes({ mapping, source, target }: Pair, facts: Facts): Problem[] {
  if (!source || !target) return [];
  const columns = mappedColumns(mapping, source.table);
  const to = (name: string | undefined) => target.table.columns.find((column) => column.name === name);
  const problem = (column: string, found: string, remedy: string): Problem => ({
    check: 'column-types',
    subject: `target table ${mapping.target}, column ${column}`,
    found,
    remedy,
  });
  const carried = source.table.columns.flatMap((from) => {
    const place = to(columns.get(from.name));
    const why = place ? whyNotHeld(from, place) : null;
    if (!place || why === null) return [];
    return [
      problem(
        place.name,
        `${place.type} does not hold every ${from.type} of source column ${from.name} unchanged: ${why}`,
        `make it ${from.type} or a wider type of the same kind, convert it with an expression in columns, or leave the column behind with omit`,
      ),
    ];
  });
  const computed = [...(facts.projections.get(mapping.target)?.expressions ?? [])].flatMap(
    ([name, { value }]) => {
      const place = to(name);
      const why = place && value ? whyNotComputed(value, place) : null;
      if (!place || !value || why === null) return [];
      return [
        problem(
          name,
          `${place.type} does not hold every ${value.type} of its expression unchanged: ${why}`,
          `cast it in the expression: CAST(… AS ${place.type})`,
        ),
      ];
    },
  );
  return [...carried, ...computed];
}

/** The source does not know the target's enums: a text that names a label is one. */
function whyNotComputed(value: ColumnDescription, column: ColumnDescription): string | null {
  const isText =
    isBuiltIn(value.value) && ['text', 'varchar'].includes(value.value.typeName) && !value.isArray;
  return isText && column.value.kind === 'enum' && !column.isArray ? null : whyNotHeld(value, column);
}

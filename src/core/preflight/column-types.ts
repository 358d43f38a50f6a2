import type { ColumnDescription } from '../catalog';
import type { Problem } from '../errors';
import { mappedColumns } from '../layout';
import type { Facts, Pair } from './facts';
import { isBuiltIn, whyNotHeld } from './value-types';

/** Requires that the target's column holds every value of the source's column or expression unchanged. */
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
        `${place.type} cannot hold every ${from.type} of source column ${from.name} unchanged: ${why}`,
        `Make it ${from.type} or a wider type of the same kind, convert it with an expression in columns, or omit the column`,
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
          `${place.type} cannot hold every ${value.type} of its expression unchanged: ${why}`,
          `Cast it in the expression: CAST(… AS ${place.type})`,
        ),
      ];
    },
  );
  return [...carried, ...computed];
}

/** The source does not have the target's enums, so an expression gives a label as text. */
function whyNotComputed(value: ColumnDescription, column: ColumnDescription): string | null {
  const isText =
    isBuiltIn(value.value) && ['text', 'varchar'].includes(value.value.typeName) && !value.isArray;
  return isText && column.value.kind === 'enum' && !column.isArray ? null : whyNotHeld(value, column);
}

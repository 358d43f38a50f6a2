import type { Problem } from '../errors';
import { mappedColumns } from '../layout';
import type { Pair } from './facts';
import { whyNotHeld } from './value-types';

/** Every value of the source's column fits in the target's and reads the same there. */
export function columnTypes({ mapping, source, target }: Pair): Problem[] {
  if (!source || !target) return [];
  const columns = mappedColumns(mapping, source.table);
  return source.table.columns.flatMap((from) => {
    const to = target.table.columns.find((column) => column.name === columns.get(from.name));
    const why = to ? whyNotHeld(from, to) : null;
    if (!to || why === null) return [];
    return [
      {
        check: 'column-types',
        subject: `target table ${mapping.target}, column ${to.name}`,
        found: `${to.type} does not hold every ${from.type} of source column ${from.name} unchanged: ${why}`,
        remedy: `make it ${from.type} or a wider type of the same kind, or leave the column behind with omit`,
      },
    ];
  });
}

import type { Problem } from '../errors';
import { mappedColumns } from '../layout';
import type { Pair } from './facts';

/** A sequence in the target is moved beyond the source's; where the source has none, it would give keys that are taken. */
export function sequences({ mapping, source, target }: Pair): Problem[] {
  if (!source || !target) return [];
  const columns = mappedColumns(mapping, source.table);
  return source.table.columns.flatMap((from) => {
    const to = target.table.columns.find((column) => column.name === columns.get(from.name));
    if (!to || to.sequence === null || from.sequence !== null) return [];
    return [
      {
        check: 'sequences',
        subject: `target table ${mapping.target}, column ${to.name}`,
        found: `it draws from sequence ${to.sequence}, but source column ${from.name} from none: it would begin anew`,
        remedy: 'add the default or identity after the migration, with a start beyond the greatest value',
      },
    ];
  });
}

import type { Problem } from '../errors';
import { mappedColumns } from '../layout';
import type { Pair } from './facts';

/** Refuses a target sequence without a source sequence: nothing would set it, so it would generate existing keys. */
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
        found: `its default uses sequence ${to.sequence}, but source column ${from.name} uses none: the sequence would start below existing keys`,
        remedy: 'Add the default or identity after the migration, with a start above the greatest value',
      },
    ];
  });
}

import type { Problem } from '../errors';
import { quoteIdentifier } from '../identifier';
import { mappedColumns } from '../layout';
import { isOneDatabase, type Facts, type Pair } from './facts';

/** Refuses a target sequence without a source sequence: nothing would set it, so it would generate existing keys. */
export const sequences = (pair: Pair): Problem[] =>
  sequencesOf(pair).flatMap(({ from, to, column }) =>
    to === null || from !== null
      ? []
      : [
          {
            check: 'sequences',
            subject: `target table ${pair.mapping.target}, column ${column.to}`,
            found: `its default uses sequence ${to}, but source column ${column.from} uses none: the sequence would start below existing keys`,
            remedy: 'Add the default or identity after the migration, with a start above the greatest value',
          },
        ],
  );

/** Sequences of one database that both ends use. They continue as they are. */
export const sequenceNotices = (pair: Pair, facts: Facts): Problem[] =>
  sequencesOf(pair).flatMap(({ from, to, column }) =>
    from === null || from !== to || !isOneDatabase(facts)
      ? []
      : [
          {
            check: 'sequences',
            subject: `target table ${pair.mapping.target}, column ${column.to}`,
            found: `its default uses sequence ${to}, and so does source column ${column.from}: the migration does not advance it, and it would be dropped with the source table if that owns it`,
            remedy: `Before you drop the source table: ALTER SEQUENCE ${to} OWNED BY ${pair.mapping.target}.${quoteIdentifier(column.to)}`,
          },
        ],
  );

interface SequencePair {
  readonly column: { readonly from: string; readonly to: string };
  readonly from: string | null;
  readonly to: string | null;
}

function sequencesOf({ mapping, source, target }: Pair): SequencePair[] {
  if (!source || !target) return [];
  const columns = mappedColumns(mapping, source.table);
  return source.table.columns.flatMap(({ name, sequence }) => {
    const to = target.table.columns.find((column) => column.name === columns.get(name));
    return to ? [{ column: { from: name, to: to.name }, from: sequence, to: to.sequence }] : [];
  });
}

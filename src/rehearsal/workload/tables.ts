/** The mapped tables as each database knows them, under the source's names. */
import { escapeIdentifier, type Client } from 'pg';
import type { Side } from '../../contract/sides';
import { movesAsItIs, renamesOf, type MovedTable } from '../judge/moved-table';
import { RehearsalRefused } from '../seed/refusal';
import type { Row } from './workload';

export interface LiveColumn {
  /** Quoted. */
  readonly quoted: string;
  /** Type with its modifier, as SQL may write it under any search path. */
  readonly type: string;
  /** Computed by the database: read, never written. */
  readonly generated: boolean;
}

export interface LiveTable {
  /** The source table, as the definition writes it. */
  readonly name: string;
  /** Quoted and qualified. */
  readonly quoted: string;
  /** By source column, those that travel as they are. */
  readonly columns: ReadonlyMap<string, LiveColumn>;
  /** Source columns that do not travel as they are; written at the source only. */
  readonly omitted: ReadonlyMap<string, LiveColumn>;
  /** Whether a source column travels as it is. */
  readonly travels: (name: string) => boolean;
  /** Source columns of the key. */
  readonly key: readonly string[];
}

/** As the session puts it out: in texts. */
interface FoundColumn {
  readonly name: string;
  readonly type: string;
  readonly generated: string;
  /** Place in the primary key. */
  readonly position: string | null;
}

const NAME = `SELECT c.oid::text, format('%I.%I', n.nspname, c.relname) AS quoted
FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE c.oid = to_regclass($1)`;

const COLUMNS = `SELECT a.attname::text AS name, format_type(a.atttypid, a.atttypmod) AS type, a.attgenerated <> '' AS generated,
  array_position(i.indkey::smallint[], a.attnum) AS position
FROM pg_attribute AS a LEFT JOIN pg_index AS i ON i.indrelid = a.attrelid AND i.indisprimary
WHERE a.attrelid = $1::oid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum`;

/**
 * Describes a mapped table of a database.
 * @param client a session with an empty search path
 * @param key source columns of the key, where the source has said so already
 * @throws RehearsalRefused if it is not there, or a writer could not write it
 */
export async function describeLive(
  client: Client,
  side: Side,
  mapping: MovedTable,
  key: readonly string[] | undefined = mapping.key,
): Promise<LiveTable> {
  const [table] = (await client.query<{ oid: string; quoted: string }>(NAME, [mapping[side]])).rows;
  if (table === undefined)
    throw new RehearsalRefused(`the ${side} has no table ${mapping[side]} to write to`);
  const found = (await client.query<FoundColumn>(COLUMNS, [table.oid])).rows;
  const travels = (name: string): boolean => movesAsItIs(mapping, name);
  const mine = found.flatMap((column) => {
    const name = side === 'source' ? column.name : sourceNameOf(mapping, column.name);
    return name === null ? [] : [{ ...column, name, quoted: escapeIdentifier(column.name) }];
  });
  const byName = (columns: typeof mine): ReadonlyMap<string, LiveColumn> =>
    new Map(
      columns.map(({ name, quoted, type, generated }) => [
        name,
        { quoted, type, generated: generated === 't' },
      ]),
    );
  const primary = mine.filter(({ position }) => position !== null);
  return {
    name: mapping.source,
    quoted: table.quoted,
    columns: byName(mine.filter(({ name }) => travels(name))),
    omitted: byName(side === 'source' ? mine.filter(({ name }) => !travels(name)) : []),
    travels,
    key: key ?? primary.sort((a, b) => Number(a.position) - Number(b.position)).map(({ name }) => name),
  };
}

/** Null: the target's column is computed, or its own. */
function sourceNameOf(mapping: MovedTable, name: string): string | null {
  const from = mapping.columns[name] ?? name;
  if (typeof from !== 'string' || mapping.rowFunction?.writes.includes(name) === true) return null;
  return (renamesOf(mapping).get(from) ?? from) === name ? from : null;
}

/** A row's key, as one text. */
export const keyText = (key: readonly (string | null)[]): string => JSON.stringify(key);

export const keyOf = ({ key }: Pick<LiveTable, 'key'>, row: Row): string[] =>
  key.map((column) => row[column] ?? '');

/** @throws Error if the table has no such column */
export function columnOf(table: LiveTable, name: string): LiveColumn {
  const column = table.columns.get(name) ?? table.omitted.get(name);
  if (column === undefined)
    throw new Error(`the workload names ${table.name}.${name}; there is no such column`);
  return column;
}

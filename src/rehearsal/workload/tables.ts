/** The mapped tables in each database, under their names at the source. */
import { escapeIdentifier, type Client } from 'pg';
import type { Side } from '../../contract/sides';
import { isCopiedUnchanged, renamesOf, type MovedTable } from '../judge/moved-table';
import { RehearsalRefused } from '../seed/refusal';
import type { Row } from './workload';
import tableNameSql from './table-name.sql';
import tableColumnsSql from './table-columns.sql';

export interface LiveColumn {
  /** Quoted. */
  readonly quoted: string;
  /** Type with its modifier, qualified so that it is valid under any search path. */
  readonly type: string;
  /** True if the database computes the column; writers never write it. */
  readonly generated: boolean;
}

export interface LiveTable {
  /** The source table, as the definition writes it. */
  readonly name: string;
  /** Quoted and qualified. */
  readonly quoted: string;
  /** The columns that are copied unchanged, by their names at the source. */
  readonly columns: ReadonlyMap<string, LiveColumn>;
  /** The source's other columns, which writers write only there. */
  readonly sourceOnly: ReadonlyMap<string, LiveColumn>;
  /** Whether a source column is copied unchanged. */
  readonly isCopied: (name: string) => boolean;
  /** Source columns of the key. */
  readonly key: readonly string[];
}

/** A row of table-columns.sql; the session returns every value as text. */
interface FoundColumn {
  readonly name: string;
  readonly type: string;
  readonly generated: string;
  /** Position in the primary key. */
  readonly position: string | null;
}

/**
 * Reads a mapped table from the catalog.
 * @param client a session with an empty search path
 * @param key source columns of the key. @default the mapping's key, or the primary key
 * @throws RehearsalRefused if the table does not exist
 */
export async function describeLiveTable(
  client: Client,
  side: Side,
  mapping: MovedTable,
  key: readonly string[] | undefined = mapping.key,
): Promise<LiveTable> {
  const [table] = (await client.query<{ oid: string; quoted: string }>(tableNameSql, [mapping[side]])).rows;
  if (table === undefined)
    throw new RehearsalRefused(
      `the ${side} has no table ${mapping[side]}, which the workload writes; create it, or correct the definition`,
    );
  const found = (await client.query<FoundColumn>(tableColumnsSql, [table.oid])).rows;
  const isCopied = (name: string): boolean => isCopiedUnchanged(mapping, name);
  const sideColumns = found.flatMap((column) => {
    const name = side === 'source' ? column.name : sourceNameOf(mapping, column.name);
    return name === null ? [] : [{ ...column, name, quoted: escapeIdentifier(column.name) }];
  });
  const byName = (columns: typeof sideColumns): ReadonlyMap<string, LiveColumn> =>
    new Map(
      columns.map(({ name, quoted, type, generated }) => [
        name,
        { quoted, type, generated: generated === 't' },
      ]),
    );
  const primary = sideColumns.filter(({ position }) => position !== null);
  return {
    name: mapping.source,
    quoted: table.quoted,
    columns: byName(sideColumns.filter(({ name }) => isCopied(name))),
    sourceOnly: byName(side === 'source' ? sideColumns.filter(({ name }) => !isCopied(name)) : []),
    isCopied,
    key: key ?? primary.sort((a, b) => Number(a.position) - Number(b.position)).map(({ name }) => name),
  };
}

/** Null if the target's column is computed, or exists only there. */
function sourceNameOf(mapping: MovedTable, name: string): string | null {
  const from = mapping.columns[name] ?? name;
  if (typeof from !== 'string' || mapping.rowFunction?.writes.includes(name) === true) return null;
  return (renamesOf(mapping).get(from) ?? from) === name ? from : null;
}

/** Formats a row's key as one text. */
export const keyText = (key: readonly (string | null)[]): string => JSON.stringify(key);

export const keyOf = ({ key }: Pick<LiveTable, 'key'>, row: Row): string[] =>
  key.map((column) => row[column] ?? '');

/** @throws Error if the table has no such column */
export function columnOf(table: LiveTable, name: string): LiveColumn {
  const column = table.columns.get(name) ?? table.sourceOnly.get(name);
  if (column === undefined)
    throw new Error(`the workload names ${table.name}.${name}, which does not exist; correct the workload`);
  return column;
}

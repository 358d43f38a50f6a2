import type { Client } from 'pg';
import describeTableSql from './describe-table.sql';
import describeColumnsSql from './describe-columns.sql';

export interface ColumnFacts {
  readonly name: string;
  /** Type with its modifier; for a domain, its base type. */
  readonly type: string;
  readonly builtIn: boolean;
}

export interface TableFacts {
  /** Quoted and qualified by the database itself. */
  readonly name: string;
  readonly columns: readonly ColumnFacts[];
  /** Columns of the primary key, in order; empty if there is none. */
  readonly primaryKey: readonly string[];
}

/**
 * Reads a table's columns and primary key from the catalog. @param name as SQL would write it
 * @throws Error if the table does not exist
 */
export async function describeTable(client: Client, name: string): Promise<TableFacts> {
  const tables = await client.query<{ oid: string; name: string; primaryKey: string[] }>(describeTableSql, [
    name,
  ]);
  const table = tables.rows[0];
  if (table === undefined)
    throw new Error(
      `table ${name} is not in the database ${client.database ?? ''}, so the judge cannot compare it; create it, or correct its name in the definition`,
    );
  const columns = await client.query<ColumnFacts>(describeColumnsSql, [table.oid]);
  return { name: table.name, columns: columns.rows, primaryKey: table.primaryKey };
}

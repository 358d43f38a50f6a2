import type { Client } from 'pg';

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

const TABLE = `SELECT c.oid::text, format('%I.%I', n.nspname, c.relname) AS name,
  ARRAY(
    SELECT a.attname::text FROM pg_index AS i, unnest(i.indkey::smallint[]) WITH ORDINALITY AS k(number, position)
    JOIN pg_attribute AS a ON a.attnum = k.number
    WHERE i.indrelid = c.oid AND i.indisprimary AND a.attrelid = c.oid ORDER BY k.position
  ) AS "primaryKey"
FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE c.oid = to_regclass($1)`;

const COLUMNS = `WITH RECURSIVE standing (number, name, type, modifier) AS (
  SELECT attnum, attname, atttypid, atttypmod FROM pg_attribute
  WHERE attrelid = $1::oid AND attnum > 0 AND NOT attisdropped
  UNION ALL
  SELECT s.number, s.name, t.typbasetype, t.typtypmod FROM standing AS s JOIN pg_type AS t ON t.oid = s.type
  WHERE t.typtype = 'd'
)
SELECT s.name::text AS name, format_type(s.type, s.modifier) AS type, t.typnamespace = 'pg_catalog'::regnamespace AS "builtIn"
FROM standing AS s JOIN pg_type AS t ON t.oid = s.type WHERE t.typtype <> 'd' ORDER BY s.number`;

/**
 * Reads a table's columns and primary key from the catalog. @param name as SQL would write it
 * @throws Error if the table does not exist
 */
export async function describeTable(client: Client, name: string): Promise<TableFacts> {
  const tables = await client.query<{ oid: string; name: string; primaryKey: string[] }>(TABLE, [name]);
  const table = tables.rows[0];
  if (table === undefined)
    throw new Error(
      `table ${name} is not in the database ${client.database ?? ''}, so the judge cannot compare it; create it, or correct its name in the definition`,
    );
  const columns = await client.query<ColumnFacts>(COLUMNS, [table.oid]);
  return { name: table.name, columns: columns.rows, primaryKey: table.primaryKey };
}

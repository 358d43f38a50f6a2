/** Recognizable values in rows that move, and a search for them where no row data may be. */
import { createReadStream, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

import { Client, escapeIdentifier } from 'pg';

const PER_TABLE = 3;
const MARK = 'canary';

/** Text columns without a length limit, outside the primary key. */
const COLUMNS = `SELECT a.attname AS name FROM pg_attribute AS a
WHERE a.attrelid = $1::regclass AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
  AND a.atttypid IN ('text'::regtype, 'varchar'::regtype) AND a.atttypmod = -1
  AND NOT EXISTS (SELECT FROM pg_index AS i WHERE i.indrelid = a.attrelid AND i.indisprimary AND a.attnum = ANY (i.indkey))
ORDER BY a.attnum`;

/**
 * Writes canaries into tables of the source, before any row moves.
 * @param name makes the canaries unique to a run
 * @returns the canaries; a column that rejects its canary, e.g. by a CHECK, stays unchanged
 */
export async function plantCanaries(url: string, tables: readonly string[], name: string): Promise<string[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const planted: string[] = [];
    for (const table of tables) {
      const { rows } = await client.query<{ name: string }>(COLUMNS, [table]);
      for (const column of rows.slice(0, PER_TABLE)) {
        const canary = `${MARK}-${name}-${planted.length}-${'x'.repeat(8)}`;
        if (await plant(client, table, column.name, canary)) planted.push(canary);
      }
    }
    return planted;
  } finally {
    await client.end();
  }
}

async function plant(client: Client, table: string, column: string, canary: string): Promise<boolean> {
  try {
    const { rowCount } = await client.query(
      `UPDATE ${table} SET ${escapeIdentifier(column)} = $1
       WHERE (tableoid, ctid) = (SELECT tableoid, ctid FROM ${table} LIMIT 1)`,
      [canary],
    );
    return rowCount === 1;
  } catch {
    return false;
  }
}

/** Returns the files below a directory, at any depth, that contain one of the texts. */
export async function filesContaining(directory: string, texts: readonly string[]): Promise<string[]> {
  if (texts.length === 0) return [];
  const found: string[] = [];
  for (const name of readdirSync(directory, { recursive: true, encoding: 'utf8' })) {
    const path = join(directory, name);
    if (statSync(path).isFile() && (await contains(path, texts))) found.push(path);
  }
  return found;
}

async function contains(path: string, texts: readonly string[]): Promise<boolean> {
  const longest = Math.max(...texts.map(({ length }) => length));
  let rest = '';
  for await (const part of createReadStream(path, 'latin1') as AsyncIterable<string>) {
    const text = rest + part;
    if (texts.some((each) => text.includes(each))) return true;
    rest = text.slice(-longest);
  }
  return false;
}

/** The few statements that setting up a server needs. */
import { Client, escapeIdentifier, type QueryResultRow } from 'pg';

/**
 * Runs SQL text on a connection of its own and returns the last statement's rows. Several statements separated by
 * semicolons run in one transaction, as PostgreSQL's simple protocol has it.
 *
 * @throws Error with the server's message and the beginning of the statement
 */
export async function runSql<Row extends QueryResultRow = QueryResultRow>(
  url: string,
  sql: string,
): Promise<Row[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const results: unknown = await client.query<Row>(sql);
    const last = (Array.isArray(results) ? results.at(-1) : results) as { rows: Row[] } | undefined;
    return last?.rows ?? [];
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`${message}, in: ${sql.trim().slice(0, 200)}`, { cause });
  } finally {
    await client.end();
  }
}

/**
 * Creates a database owned by an existing role; does nothing if it is there already.
 * @returns the URL of the database for the same login as `superuserUrl`
 */
export async function createDatabase(superuserUrl: string, name: string, owner?: string): Promise<string> {
  const known = await runSql<{ datname: string }>(superuserUrl, 'select datname from pg_database');
  if (!known.some(({ datname }) => datname === name)) {
    const ownership = owner === undefined ? '' : ` owner ${escapeIdentifier(owner)}`;
    await runSql(superuserUrl, `create database ${escapeIdentifier(name)}${ownership}`);
  }
  return databaseUrl(superuserUrl, name);
}

/** The same server and login, another database. */
export function databaseUrl(url: string, database: string): string {
  const changed = new URL(url);
  changed.pathname = `/${encodeURIComponent(database)}`;
  return changed.toString();
}

/** The same server and database, another login. */
export function loginUrl(url: string, username: string, password: string): string {
  const changed = new URL(url);
  changed.username = encodeURIComponent(username);
  changed.password = encodeURIComponent(password);
  return changed.toString();
}

/** Runs statements that set up a server, and derives its URLs. */
import { Client, escapeIdentifier, type QueryResultRow } from 'pg';

/**
 * Runs SQL text on a new connection and returns the last statement's rows. Multiple statements run in one transaction, as in
 * every simple query of PostgreSQL's protocol.
 *
 * @throws Error with the server's message and the start of the SQL text
 */
export async function runSql<Row extends QueryResultRow = QueryResultRow>(
  url: string,
  sql: string,
): Promise<Row[]> {
  const client = new Client({ connectionString: url });
  // Without a listener, a session that the server ends between statements would end this process.
  client.on('error', () => undefined);
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
 * Creates a database owned by an existing role, unless it exists.
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

/** Returns the URL of another database, with the same server and login. */
export function databaseUrl(url: string, database: string): string {
  const changed = new URL(url);
  changed.pathname = `/${encodeURIComponent(database)}`;
  return changed.toString();
}

/** Returns the URL of another login, with the same server and database. */
export function loginUrl(url: string, username: string, password: string): string {
  const changed = new URL(url);
  changed.username = encodeURIComponent(username);
  changed.password = encodeURIComponent(password);
  return changed.toString();
}

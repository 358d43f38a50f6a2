import { Client } from 'pg';

/** With these settings, a value's text is the same on both sides, independent of the login's settings. */
const SETTINGS = [
  "DateStyle = 'ISO, YMD'",
  "TimeZone = 'UTC'",
  "IntervalStyle = 'postgres'",
  'extra_float_digits = 3',
  "bytea_output = 'hex'",
  "lc_monetary = 'C'",
  "search_path = ''",
] as const;

/** Keeps every value as the text that the database sent. */
const AS_TEXT = { getTypeParser: () => (value: string | Buffer) => value.toString() };

/** Opens a connection that returns every value as text. */
export async function openSession(url: string, name: string): Promise<Client> {
  const client = new Client({
    connectionString: url,
    application_name: name,
    types: AS_TEXT,
    connectionTimeoutMillis: 10_000,
  });
  // A lost connection also fails the query in flight; without a listener it would end the process.
  client.on('error', () => undefined);
  await client.connect();
  await client.query(SETTINGS.map((setting) => `SET ${setting}`).join('; '));
  return client;
}

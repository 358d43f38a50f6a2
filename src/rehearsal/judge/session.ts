import { Client } from 'pg';

/** With these settings, different values have different texts, and the text is the same on both sides. */
const SETTINGS: Readonly<Record<string, string>> = {
  DateStyle: 'ISO, YMD',
  TimeZone: 'UTC',
  IntervalStyle: 'postgres',
  extra_float_digits: '3',
  bytea_output: 'hex',
  lc_monetary: 'C',
  xmloption: 'content',
  search_path: '',
  row_security: 'off',
  statement_timeout: '0',
  jit: 'off',
  work_mem: '128MB',
};

/** Runs work in one read-only snapshot of a database, under the judge's own settings. */
export async function inSnapshot<T>(url: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url, application_name: 'sluice-rehearsal-judge' });
  // A lost connection also fails the query in flight; without a listener it would end the process.
  client.on('error', () => undefined);
  await client.connect();
  try {
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    for (const [name, value] of Object.entries(SETTINGS)) {
      await client.query('SELECT set_config($1, $2, true)', [name, value]);
    }
    return await work(client);
  } finally {
    await client.end();
  }
}

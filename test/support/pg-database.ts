/** The port of the Data API on a plain connection, with the Data API's properties: named parameters, text, short transactions. */
import { Client, Pool, type ClientBase } from 'pg';
import type { Database, Parameters, Row, Value } from '../../src/adapters/postgres/database';
import { StatementRefused } from '../../src/adapters/postgres/statement-refused';
import { translateError } from '../../src/adapters/rds-data/translate-error';

/** Quoted text, comments, casts and array slices (`a[low:high]`) are left alone; `:name` is a parameter. */
const TOKEN =
  /'(?:[^']|'')*'|"(?:[^"]|"")*"|(\$[A-Za-z_]*\$)[\s\S]*?\1|--[^\n]*|\/\*[\s\S]*?\*\/|::|(?<![\w)\]"]):([A-Za-z_]\w*)/g;

const OID = { bool: 16, int8: 20, int2: 21, int4: 23 };
const READERS = new Map<number, (text: string) => Value>([
  [OID.bool, (text) => text === 't'],
  [OID.int8, Number],
  [OID.int2, Number],
  [OID.int4, Number],
]);

/** A connection for every call and every transaction: nothing to close, and settings of the role are always fresh. */
export function pgDatabase(url: string): Database {
  return {
    query: (sql, parameters = {}) => withClient(url, (client) => run(client, sql, parameters)),
    rehearse: (work) =>
      withClient(url, async (client) => {
        await client.query('BEGIN');
        try {
          return await work({ query: (sql, parameters = {}) => run(client, sql, parameters) });
        } finally {
          await client.query('ROLLBACK');
        }
      }),
  };
}

/** The same over a few sessions that are kept, as the service keeps them; settings of a role are those of its last login. */
export function pooledDatabase(url: string): Database & { close(): Promise<void> } {
  const pool = new Pool({ connectionString: url, max: 4, idleTimeoutMillis: 1_000 });
  // A session that is killed while it waits is replaced by the next call's.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  return {
    ...pgDatabase(url),
    query: async (sql, parameters = {}) => {
      const client = await pool.connect().catch((error: unknown) => {
        throw asDataApiError(error);
      });
      let broken = false;
      try {
        return await run(client, sql, parameters);
      } catch (error) {
        broken = !(error instanceof StatementRefused);
        throw error;
      } finally {
        client.release(broken);
      }
    },
    close: () => pool.end(),
  };
}

async function withClient<T>(url: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url });
  try {
    await client.connect();
    return await work(client);
  } catch (error) {
    throw asDataApiError(error);
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function run(client: ClientBase, sql: string, parameters: Parameters): Promise<Row[]> {
  const { text, values } = positional(sql, parameters);
  try {
    const result = await client.query<(string | null)[]>({
      text,
      values,
      rowMode: 'array',
      types: { getTypeParser: () => (raw: string) => raw },
    });
    return result.rows.map((row) =>
      Object.fromEntries(
        result.fields.map(({ name, dataTypeID }, index) => [name, read(row[index] ?? null, dataTypeID)]),
      ),
    );
  } catch (error) {
    throw asDataApiError(error);
  }
}

const read = (text: string | null, type: number): Value =>
  text === null ? null : (READERS.get(type)?.(text) ?? text);

function positional(sql: string, parameters: Parameters): { text: string; values: Value[] } {
  const names: string[] = [];
  const text = sql.replace(TOKEN, (token: string, _tag: unknown, name: string | undefined) => {
    if (name === undefined) return token;
    const value = parameters[name];
    if (value === undefined) throw new Error(`the statement has a parameter :${name} without a value`);
    if (!names.includes(name)) names.push(name);
    return `$${names.indexOf(name) + 1}${castOf(value)}`;
  });
  return { text, values: names.map((name) => parameters[name] ?? null) };
}

function castOf(value: Value): string {
  if (typeof value === 'number') return '::int8';
  if (typeof value === 'boolean') return '::bool';
  return value === null ? '' : '::text';
}

/** The error that the Data API would report, as the adapter translates it. */
function asDataApiError(error: unknown): unknown {
  const { code, message, severity } = error as { code?: string; message: string; severity?: string };
  if (severity === undefined || !/^[0-9A-Z]{5}$/.test(code ?? '')) return translateError(error);
  const refusal = new Error(`${severity}: ${message}; SQLState: ${code}`);
  return translateError(Object.assign(refusal, { name: 'DatabaseErrorException' }));
}

/** One database of a trial, and who may log in to it. */
import type { Login, LoginNames } from '../../src/contract/logins';
import { Client, type QueryResultRow } from 'pg';
import { loginUrl, runSql } from 'local-aws';

/** The placeholder password in docs/guide/roles.sql. */
export const PASSWORD = 'replace me';
/** Every trial's tables are in this schema. */
export const SCHEMA = 'shop';

/** `app`: the application; `app_owner` owns its tables; the others are Sluice's. */
export type LoginName = 'superuser' | 'app_owner' | 'app' | `sluice_${Login}`;

/** Sluice's logins as docs/guide/roles.sql creates them. */
export const LOGIN_NAMES: LoginNames = {
  control: 'sluice_control',
  worker: 'sluice_worker',
  verifier: 'sluice_verifier',
};

export class Side {
  private readonly sessions: Client[] = [];

  constructor(readonly url: string) {}

  as(login: LoginName): string {
    return login === 'superuser' ? this.url : loginUrl(this.url, login, PASSWORD);
  }

  /** Runs statements, as a superuser unless said otherwise, with the trial's schema in the search path. */
  sql<R extends QueryResultRow = QueryResultRow>(text: string, login: LoginName = 'superuser'): Promise<R[]> {
    return runSql<R>(this.as(login), `SET search_path = ${SCHEMA}, public; ${text}`);
  }

  /** Opens a connection that stays open until `close`. */
  async session(login: LoginName): Promise<Client> {
    const client = new Client({ connectionString: this.as(login) });
    // The server may be stopped, or the session killed, while it is open.
    client.on('error', () => undefined);
    this.sessions.push(client);
    await client.connect();
    if (!Object.values(LOGIN_NAMES).includes(login))
      await client.query(`SET search_path = ${SCHEMA}, public`);
    return client;
  }

  async close(): Promise<void> {
    await Promise.all(this.sessions.splice(0).map((client) => client.end().catch(() => undefined)));
  }

  /** Every row of a table as one line of text, in the order of its text. */
  async rows(table: string): Promise<string[]> {
    const rows = await this.sql<{ line: string }>(`SELECT t::text AS line FROM ${table} AS t ORDER BY 1`);
    return rows.map(({ line }) => line);
  }

  async count(table: string): Promise<number> {
    const [row] = await this.sql<{ n: number }>(`SELECT count(*)::int AS n FROM ${table}`);
    return row!.n;
  }

  /** Rows and a hash over all of them: equal on both sides only if the tables are. */
  async content(table: string): Promise<string> {
    const [row] = await this.sql<{ content: string }>(
      `SELECT count(*) || ' rows, ' || coalesce(md5(string_agg(md5(t::text), '' ORDER BY md5(t::text))), '-') AS content FROM ${table} AS t`,
    );
    return row!.content;
  }

  /** Everything in the database whose name or definition speaks of Sluice. */
  async traces(): Promise<string[]> {
    const rows = await this.sql<{ trace: string }>(`
      SELECT 'schema ' || nspname AS trace FROM pg_namespace WHERE nspname LIKE '%sluice%'
      UNION ALL SELECT 'relation ' || oid::regclass FROM pg_class WHERE relname LIKE '%sluice%'
      UNION ALL SELECT 'trigger ' || tgname || ' on ' || tgrelid::regclass FROM pg_trigger WHERE tgname LIKE '%sluice%'
      UNION ALL SELECT 'function ' || proname FROM pg_proc WHERE proname LIKE '%sluice%' OR prosrc LIKE '%sluice%'
      ORDER BY 1`);
    return rows.map(({ trace }) => trace);
  }

  /** The schema's tables, columns, indexes, constraints, triggers, sequences, types and functions, as text. */
  async schema(): Promise<string[]> {
    const rows = await this.sql<{ line: string }>(`
      SELECT format('%s %s.%s %s', c.relkind, n.nspname, c.relname, c.relacl) AS line
      FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
      WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
      UNION ALL SELECT format('column %s.%s %s %s', attrelid::regclass, attname, format_type(atttypid, atttypmod), attnotnull)
      FROM pg_attribute JOIN pg_class AS c ON c.oid = attrelid JOIN pg_namespace AS n ON n.oid = c.relnamespace
      WHERE attnum > 0 AND NOT attisdropped AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
      UNION ALL SELECT format('constraint %s on %s: %s', conname, conrelid::regclass, pg_get_constraintdef(oid)) FROM pg_constraint
      UNION ALL SELECT format('trigger %s %s', tgenabled, pg_get_triggerdef(oid)) FROM pg_trigger WHERE NOT tgisinternal
      UNION ALL SELECT format('schema %s %s', nspname, nspacl) FROM pg_namespace WHERE nspname !~ '^pg_'
      UNION ALL SELECT format('type %s', oid::regtype) FROM pg_type WHERE typtype IN ('e', 'd', 'r') AND typnamespace::regnamespace::text !~ '^pg_|^information'
      UNION ALL SELECT format('function %s', oid::regprocedure) FROM pg_proc WHERE pronamespace::regnamespace::text !~ '^pg_|^information'
      ORDER BY 1`);
    return rows.map(({ line }) => line);
  }
}

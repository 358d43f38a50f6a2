/** A bank whose source (schema `old`) and target (schema `vault`) are in one database. Tests copy and flip it themselves. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Side } from '../../../src/contract/sides';
import type { MovedTable } from '../../../src/rehearsal/judge/moved-table';
import { LiveWorkload, type LiveOptions } from '../../../src/rehearsal/workload/live-workload';
import type { Route } from '../../../src/rehearsal/workload/route';
import { createLogin, freshDatabase, runSql, type TestPostgres } from 'local-aws/testing';
import workload from './bank-workload';

const table = (name: string, changes: Partial<MovedTable> = {}): MovedTable => ({
  ...{ source: `old.${name}`, target: `vault.${name}`, columns: {}, omit: [] },
  ...changes,
});

export const TABLES: readonly MovedTable[] = [
  table('accounts', { columns: { holder: 'name' }, omit: ['legacy'] }),
  table('entries', { target: 'vault."Entries"' }),
  table('counters'),
];

const SCHEMA = `
  CREATE TYPE public.kind AS ENUM ('private', 'business');
  CREATE SCHEMA old;
  CREATE TABLE old.accounts (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL, email text NOT NULL UNIQUE, kind public.kind NOT NULL,
    note text, shown text GENERATED ALWAYS AS (lower(name)) STORED, legacy integer NOT NULL DEFAULT 0);
  CREATE TABLE old.entries (
    account_id bigint REFERENCES old.accounts ON DELETE CASCADE, line smallint, amount numeric(10, 2) NOT NULL, PRIMARY KEY (account_id, line));
  CREATE TABLE old.counters (name text PRIMARY KEY, n bigint NOT NULL, note text);
  INSERT INTO old.accounts (name, email, kind, note)
    SELECT 'Name ' || n, 'mail' || n, 'private', CASE WHEN n % 3 = 0 THEN NULL WHEN n % 3 = 1 THEN '' ELSE 'note' END
    FROM generate_series(1, 60) AS n;
  INSERT INTO old.entries SELECT n, l, n + l FROM generate_series(1, 60) AS n, generate_series(1, 3) AS l;
  INSERT INTO old.counters SELECT 'counter ' || n, n FROM generate_series(1, 2) AS n;

  CREATE SCHEMA vault;
  CREATE TABLE vault.accounts (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, kind public.kind NOT NULL, holder text NOT NULL, email text NOT NULL UNIQUE,
    note text, shown text GENERATED ALWAYS AS (lower(holder)) STORED);
  CREATE TABLE vault."Entries" (
    account_id bigint REFERENCES vault.accounts ON DELETE CASCADE, line smallint, amount numeric(12, 4) NOT NULL, PRIMARY KEY (account_id, line));
  CREATE TABLE vault.counters (name text PRIMARY KEY, n bigint NOT NULL, note text);

  CREATE FUNCTION public.refuse() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'refused' USING ERRCODE = 'read_only_sql_transaction'; END $$;`;

const COPY = `
  INSERT INTO vault.accounts (id, holder, email, kind, note) OVERRIDING SYSTEM VALUE
    SELECT id, name, email, kind, note FROM old.accounts;
  SELECT setval('vault.accounts_id_seq', (SELECT max(id) + 1000 FROM vault.accounts));
  INSERT INTO vault."Entries" SELECT * FROM old.entries;
  INSERT INTO vault.counters SELECT * FROM old.counters`;

export class Bank {
  route: Route | null = null;
  private readonly opened: LiveWorkload[] = [];
  private readonly directory = mkdtempSync(join(tmpdir(), 'sluice-test-workload-'));

  private constructor(
    readonly url: string,
    private readonly appUrl: string,
  ) {}

  static async open(server: TestPostgres): Promise<Bank> {
    const url = await freshDatabase(server);
    await runSql(url, SCHEMA);
    const app = `app_${new URL(url).pathname.slice(1)}`;
    const bank = new Bank(url, await createLogin(url, app));
    for (const schema of ['old', 'vault'])
      await runSql(
        url,
        `GRANT USAGE ON SCHEMA ${schema} TO ${app}; GRANT ALL ON ALL TABLES IN SCHEMA ${schema} TO ${app}`,
      );
    await bank.refuse('target');
    return bank;
  }

  options(changes: Partial<LiveOptions> = {}): LiveOptions {
    return {
      ...{ workload, tables: TABLES, seed: 1, journalPath: join(this.directory, 'workload.jsonl') },
      urls: { source: this.appUrl, target: this.appUrl },
      readRoute: async () => this.route,
      ...changes,
    };
  }

  async live(changes: Partial<LiveOptions> = {}): Promise<LiveWorkload> {
    const live = await LiveWorkload.open(this.options(changes));
    this.opened.push(live);
    return live;
  }

  /** Waits for writers in flight, as the guard does, then refuses the application's writes. */
  refuse(side: Side): Promise<unknown> {
    const tables = TABLES.map((moved) => moved[side]);
    const guards = tables.map(
      (name) => `CREATE TRIGGER guard BEFORE INSERT OR UPDATE OR DELETE ON ${name}
        FOR EACH ROW WHEN (session_user LIKE 'app%') EXECUTE FUNCTION public.refuse()`,
    );
    return this.sql([`LOCK TABLE ${tables.join(', ')} IN SHARE ROW EXCLUSIVE MODE`, ...guards].join('; '));
  }

  accept(side: Side): Promise<unknown> {
    return this.sql(TABLES.map((moved) => `DROP TRIGGER guard ON ${moved[side]}`).join('; '));
  }

  /** Fence, copy, flip. @param damage SQL to run after the copy */
  async move(live: LiveWorkload, damage = 'SELECT 1'): Promise<void> {
    await this.refuse('source');
    await this.sql(`${COPY}; ${damage}`);
    await until(() => live.progress().refused > 0);
    await this.accept('target');
    this.route = { side: 'target', epoch: 1 };
  }

  sql(text: string): Promise<Record<string, string>[]> {
    return runSql(this.url, text);
  }

  async close(): Promise<void> {
    await Promise.all(this.opened.map((live) => live.stop()));
    rmSync(this.directory, { recursive: true, force: true });
  }
}

export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await sleep(10);
}

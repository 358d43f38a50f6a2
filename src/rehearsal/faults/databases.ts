/** Faults of a database, and operations of its owner. */
import { setTimeout as sleep } from 'node:timers/promises';

import { Client } from 'pg';

import type { Fault } from './catalog';
import type { Call } from './proxy/call';

/** One end of a migration, with the connections that faults need. */
export interface DisturbedSide {
  /** A superuser's. */
  readonly adminUrl: string;
  readonly clusterArn: string;
  /** Mapped tables, quoted as SQL needs it. */
  readonly tables: readonly string[];
  /** Ends the server without a checkpoint and starts it again; null: it is not the engine's own. */
  readonly restart: (() => Promise<void>) | null;
}

export interface DisturbedSides {
  readonly source: DisturbedSide;
  readonly target: DisturbedSide;
}

export type DatabaseFault = Extract<
  Fault,
  'terminate-backends' | 'restart-source' | 'restart-target' | 'disk-full' | 'ddl' | 'disabled-trigger'
>;

export const isDatabaseFault = (fault: Fault): fault is DatabaseFault => fault in CONCERNS_DATABASE;

const FULL_MS = 2_000;
const LOCK_MS = 2_000;
/** Tries to take back what was done, and the pause between them. */
const TRIES = 50;
const AGAIN_MS = 100;

const isStatement = ({ service, operation }: Call): boolean =>
  service === 'rds-data' && operation === 'Execute';

/** Whether a call is the moment for it. */
export const CONCERNS_DATABASE: Readonly<
  Record<DatabaseFault, (call: Call, sides: DisturbedSides) => boolean>
> = {
  'terminate-backends': isStatement,
  'restart-source': isStatement,
  'restart-target': isStatement,
  'disk-full': (call, { target }) =>
    isStatement(call) &&
    call.body.includes(target.clusterArn) &&
    /INSERT INTO|apply_each/.test(call.body.toString()),
  ddl: isStatement,
  'disabled-trigger': isStatement,
};

/** Returns false if it could not be injected now. A fault may last; `close` ends it. */
export class DatabaseFaults {
  private readonly lasting = new Set<Promise<unknown>>();
  private isFull = false;

  constructor(private readonly sides: DisturbedSides) {}

  /** @param share 0 ≤ x < 1, by the seed */
  async disturb(fault: DatabaseFault, share: number): Promise<boolean> {
    const { source, target } = this.sides;
    switch (fault) {
      case 'terminate-backends':
        return run(share < 0.5 ? source : target, TERMINATE);
      case 'restart-source':
        return this.restart(source);
      case 'restart-target':
        return this.restart(target);
      case 'disk-full':
        return this.fillDisk(target);
      case 'ddl':
        return changeSource(
          source,
          share,
          (table) => `ALTER TABLE ${table} ADD COLUMN added_by_rehearsal integer`,
        );
      case 'disabled-trigger':
        return changeSource(
          source,
          share,
          (table, trigger) => `ALTER TABLE ${table} DISABLE TRIGGER ${trigger}`,
        );
    }
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.lasting);
  }

  /** The caller does not wait: its call is in flight when the server stops. */
  private restart({ restart }: DisturbedSide): boolean {
    if (restart === null) return false;
    this.last(restart());
    return true;
  }

  private async fillDisk(target: DisturbedSide): Promise<boolean> {
    if (this.isFull || !(await run(target, fill(target.tables)))) return false;
    this.isFull = true;
    this.last(this.emptyDisk(target));
    return true;
  }

  private async emptyDisk(target: DisturbedSide): Promise<void> {
    await sleep(FULL_MS);
    // Away for good only if its server is: then nothing is left to be emptied.
    for (let tries = 0; tries < TRIES && !(await run(target, EMPTY)); tries += 1) await sleep(AGAIN_MS);
    this.isFull = false;
  }

  private last(promise: Promise<unknown>): void {
    this.lasting.add(promise);
    promise.catch(() => undefined).finally(() => this.lasting.delete(promise));
  }
}

const TERMINATE = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND usename <> current_user`;

/**
 * Where a table's file cannot grow, PostgreSQL refuses the statement with 53100. So does this, to everyone but the
 * application: its writers could not find out what to do.
 */
const fill = (tables: readonly string[]): string => `
  CREATE SCHEMA rehearsal_faults;
  CREATE FUNCTION rehearsal_faults.refuse() RETURNS trigger LANGUAGE plpgsql AS $f$
  BEGIN
    RAISE EXCEPTION 'could not extend file "base/16384/16385": No space left on device'
      USING ERRCODE = 'disk_full', HINT = 'Check free disk space.';
  END $f$;
  ${tables
    .map(
      (table) => `CREATE TRIGGER rehearsal_disk_full BEFORE INSERT ON ${table} FOR EACH STATEMENT
        WHEN (session_user <> 'app') EXECUTE FUNCTION rehearsal_faults.refuse();
      ALTER TABLE ${table} ENABLE ALWAYS TRIGGER rehearsal_disk_full;`,
    )
    .join('\n')}`;

const EMPTY = 'DROP SCHEMA IF EXISTS rehearsal_faults CASCADE';

/** Triggers of Sluice's on mapped tables, besides its guard: what captures changes. */
const CAPTURES = `SELECT t.tgrelid::regclass::text AS table, quote_ident(t.tgname) AS trigger
FROM pg_trigger AS t JOIN pg_proc AS p ON p.oid = t.tgfoid JOIN pg_namespace AS n ON n.oid = p.pronamespace
WHERE n.nspname = 'sluice' AND t.tgname NOT LIKE 'sluice\\_guard%' AND t.tgparentid = 0 AND t.tgenabled <> 'D'
  AND t.tgrelid = ANY ($1::regclass[]) ORDER BY 1, 2`;

/** Only once changes are captured: before, the owner may do what they like. */
async function changeSource(
  source: DisturbedSide,
  share: number,
  statement: (table: string, trigger: string) => string,
): Promise<boolean> {
  return withClient(source, async (client) => {
    const { rows } = await client.query<{ table: string; trigger: string }>(CAPTURES, [source.tables]);
    const captured = rows[Math.floor(share * rows.length)];
    if (captured === undefined) return false;
    await client.query(statement(captured.table, captured.trigger));
    return true;
  });
}

const run = (side: DisturbedSide, sql: string): Promise<boolean> =>
  withClient(side, async (client) => {
    await client.query(sql);
    return true;
  });

/** False if the database refuses, or is away. */
async function withClient(side: DisturbedSide, work: (client: Client) => Promise<boolean>): Promise<boolean> {
  const client = new Client({ connectionString: side.adminUrl });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query(`SET lock_timeout = ${LOCK_MS}; SET search_path = ''`);
    return await work(client);
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}

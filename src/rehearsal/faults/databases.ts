/** Faults in a database, and changes that its owner makes. */
import { setTimeout as sleep } from 'node:timers/promises';

import { Client } from 'pg';

import type { Fault } from './catalog';
import type { Call } from './proxy/call';
import terminateBackendsSql from './terminate-backends.sql';
import emptyDiskSql from './empty-disk.sql';
import capturesSql from './captures.sql';
import fillDiskSql from './fill-disk.sql';

/** One side of a migration, with the access that the injection of faults needs. */
export interface InjectionSide {
  /** URL with a superuser's login. */
  readonly adminUrl: string;
  readonly clusterArn: string;
  /** Mapped tables, quoted for SQL. */
  readonly tables: readonly string[];
  /** Stops the server without a checkpoint and starts it again; null for a user-provided server. */
  readonly restart: (() => Promise<void>) | null;
}

export interface InjectionSides {
  readonly source: InjectionSide;
  readonly target: InjectionSide;
}

export type DatabaseFault = Extract<
  Fault,
  'terminate-backends' | 'restart-source' | 'restart-target' | 'disk-full' | 'ddl' | 'disabled-trigger'
>;

export const isDatabaseFault = (fault: Fault): fault is DatabaseFault => fault in CAN_DISTURB_DATABASE;

const FULL_MS = 2_000;
const LOCK_MS = 2_000;
/** Attempts to remove the injected trigger, and the pause between them. */
const ATTEMPTS = 50;
const RETRY_MS = 100;

const isStatement = ({ service, operation }: Call): boolean =>
  service === 'rds-data' && operation === 'Execute';

/** Whether a fault can be injected at a call. */
export const CAN_DISTURB_DATABASE: Readonly<
  Record<DatabaseFault, (call: Call, sides: InjectionSides) => boolean>
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

/** Injects faults into the databases. Some last for seconds; `close` waits until they end. */
export class DatabaseFaults {
  private readonly pending = new Set<Promise<unknown>>();
  private isFull = false;

  constructor(private readonly sides: InjectionSides) {}

  /** Returns false if the fault cannot be injected now. @param fraction 0 ≤ x < 1, determined by the seed */
  async inject(fault: DatabaseFault, fraction: number): Promise<boolean> {
    const { source, target } = this.sides;
    switch (fault) {
      case 'terminate-backends':
        return run(fraction < 0.5 ? source : target, terminateBackendsSql);
      case 'restart-source':
        return this.restart(source);
      case 'restart-target':
        return this.restart(target);
      case 'disk-full':
        return this.fillDisk(target);
      case 'ddl':
        return changeSource(
          source,
          fraction,
          (table) => `ALTER TABLE ${table} ADD COLUMN added_by_rehearsal integer`,
        );
      case 'disabled-trigger':
        return changeSource(
          source,
          fraction,
          (table, trigger) => `ALTER TABLE ${table} DISABLE TRIGGER ${trigger}`,
        );
    }
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.pending);
  }

  /** Does not wait for the restart, so that the server stops while the call is in flight. */
  private restart({ restart }: InjectionSide): boolean {
    if (restart === null) return false;
    this.track(restart());
    return true;
  }

  private async fillDisk(target: InjectionSide): Promise<boolean> {
    if (this.isFull || !(await run(target, fill(target.tables)))) return false;
    this.isFull = true;
    this.track(this.emptyDisk(target));
    return true;
  }

  private async emptyDisk(target: InjectionSide): Promise<void> {
    await sleep(FULL_MS);
    // Every attempt fails only if the server is gone, and the trigger with it.
    for (let tries = 0; tries < ATTEMPTS && !(await run(target, emptyDiskSql)); tries += 1)
      await sleep(RETRY_MS);
    this.isFull = false;
  }

  private track(promise: Promise<unknown>): void {
    this.pending.add(promise);
    promise.catch(() => undefined).finally(() => this.pending.delete(promise));
  }
}

/** Fills the disk. It spares the application, whose workload has no rule for this error. */
const fill = (tables: readonly string[]): string =>
  [
    fillDiskSql,
    ...tables.map(
      (table) => `CREATE TRIGGER rehearsal_disk_full BEFORE INSERT ON ${table} FOR EACH STATEMENT
        WHEN (session_user <> 'app') EXECUTE FUNCTION rehearsal_faults.refuse();
      ALTER TABLE ${table} ENABLE ALWAYS TRIGGER rehearsal_disk_full;`,
    ),
  ].join('\n');

/** Changes a captured table. Before the capture starts, such a change has no effect on the migration. */
async function changeSource(
  source: InjectionSide,
  fraction: number,
  statement: (table: string, trigger: string) => string,
): Promise<boolean> {
  return withClient(source, async (client) => {
    const { rows } = await client.query<{ table: string; trigger: string }>(capturesSql, [source.tables]);
    const captured = rows[Math.floor(fraction * rows.length)];
    if (captured === undefined) return false;
    await client.query(statement(captured.table, captured.trigger));
    return true;
  });
}

const run = (side: InjectionSide, sql: string): Promise<boolean> =>
  withClient(side, async (client) => {
    await client.query(sql);
    return true;
  });

/** Returns false if the database refuses, or cannot be reached. */
async function withClient(side: InjectionSide, work: (client: Client) => Promise<boolean>): Promise<boolean> {
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

/**
 * Both sides of one migration in one database, each with everything that Sluice installs for a side, through the adapters:
 * a dark guard over one table, created objects and rights, leases, staged slices, a capture and dirty keys.
 */
import { describeTables } from '../../src/adapters/postgres/catalog';
import { DatabaseChangeLog } from '../../src/adapters/postgres/change-log';
import type { Database } from '../../src/adapters/postgres/database';
import { DatabaseGuard } from '../../src/adapters/postgres/guard';
import { DatabaseInstaller } from '../../src/adapters/postgres/installer';
import { DatabaseLeases } from '../../src/adapters/postgres/leases';
import { versionedDatabase } from '../../src/adapters/postgres/versioned-database';
import { DatabaseWriter } from '../../src/adapters/postgres/writer';
import { SIDES, type Side } from '../../src/contract/sides';
import { defineMigration } from '../../src/core/definition/definition';
import { applierScope, scopeOf, scopePrefix } from '../../src/core/ledger';
import { layoutOf, type Layout } from '../../src/core/layout';
import type { Guard, Installer } from '../../src/core/guard-ports';
import type { Authority, CaptureState, ChangeLog, Leases, Writer } from '../../src/core/ports';
import { pooledDatabase } from '../support/pg-database';
import type { Side as DatabaseSide } from '../support/side';
import { endpoint } from '../support/trial-definition';
import { type Lab } from '../support/world';
import { LOGIN_NAMES } from '../support/side';

export const MIGRATION = 'move';
export const OF = { owner: 'control-plane-1', migration: MIGRATION, generation: 1 };
/** The epoch under which a side was darkened. */
const DARK = 11;
export const authority = (epoch = DARK): Authority => ({ ...OF, epoch });
/** The same as SQL arguments of an installed function. */
export const sqlAuthority = (side: Side, epoch = DARK): string =>
  `'${OF.owner}', '${MIGRATION}', '${side}', ${OF.generation}, ${epoch}`;
const LOG_BYTES_MAX = 64 * 1_048_576;
const SCHEMAS = { source: 'shop', target: 'next' } as const;

/** One side, used through its adapters. */
export interface InstalledSide {
  readonly installer: Installer;
  readonly guard: Guard;
  readonly leases: Leases;
  readonly writer: Writer;
  readonly log: ChangeLog;
  readonly layout: Layout;
  readonly capture: CaptureState;
  /** Its table, and the scope of the lease of that table's only chunk. */
  readonly table: string;
  readonly scope: string;
}

export class TwoSides {
  private constructor(
    readonly database: DatabaseSide,
    private readonly logins: readonly ReturnType<typeof pooledDatabase>[],
    readonly source: InstalledSide,
    readonly target: InstalledSide,
  ) {}

  static async open(lab: Lab): Promise<TwoSides> {
    const { source: database } = await lab.trial({ tables: 'CREATE TABLE t (id int PRIMARY KEY, v text)' });
    const owner = pooledDatabase(database.as('sluice_owner'));
    const control = pooledDatabase(database.as('sluice_control'));
    const worker = pooledDatabase(database.as('sluice_worker'));
    await database.sql(`CREATE SCHEMA next AUTHORIZATION app_owner; SET ROLE app_owner;
      CREATE TABLE next.t (id int PRIMARY KEY, v text);
      GRANT USAGE ON SCHEMA next TO sluice_worker, app;
      GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON next.t TO sluice_worker, app`);
    const ends = {} as Record<Side, InstalledSide>;
    for (const side of SIDES)
      ends[side] = await install(
        side,
        versionedDatabase(owner),
        versionedDatabase(control),
        versionedDatabase(worker),
      );
    return new TwoSides(database, [owner, control, worker], ends.source, ends.target);
  }

  async close(): Promise<void> {
    await Promise.all([...this.logins.map((login) => login.close()), this.database.close()]);
  }

  /** Writes to a side as the application; returns the message of the refusal, if any. */
  write(side: Side): Promise<string> {
    return this.database
      .sql(`BEGIN; INSERT INTO ${SCHEMAS[side]}.t VALUES (1000, 'x'); ROLLBACK`, 'app')
      .then(() => 'written', String);
  }

  /** Lists everything in the database that belongs to a side, as text. */
  async stateOf(side: Side): Promise<string[]> {
    const { table, capture } = this[side];
    const own = `owner = '${OF.owner}' AND migration = '${MIGRATION}' AND side = '${side}'`;
    const scopes = `starts_with(scope, '${OF.owner}/${MIGRATION}/${side}/')`;
    const rows = await this.database.sql<{ line: string }>(`
      SELECT 'guard ' || g AS line FROM sluice.guard AS g WHERE ${own} AND state <> 'none'
      UNION ALL SELECT 'guarded ' || g FROM sluice.guarded AS g WHERE ${own}
      UNION ALL SELECT 'created ' || c FROM sluice.created AS c WHERE ${own}
      UNION ALL SELECT 'capture ' || c FROM sluice.capture AS c WHERE ${own}
      UNION ALL SELECT 'lease ' || l FROM sluice.lease AS l WHERE ${scopes}
      UNION ALL SELECT 'slice ' || s FROM sluice.slice AS s WHERE ${scopes}
      UNION ALL SELECT 'skipped ' || s FROM sluice.skipped AS s WHERE ${scopes}
      UNION ALL SELECT 'touch ' || t FROM sluice.touch AS t WHERE starts_with(chunk_scope, '${OF.owner}/${MIGRATION}/${side}/')
      UNION ALL SELECT 'entry ' || e.key::text FROM sluice.change_log AS e WHERE capture = ${capture.id}
      UNION ALL SELECT 'loss ' || l.why FROM sluice.capture_loss AS l WHERE capture = ${capture.id}
      UNION ALL SELECT 'function ' || proname FROM pg_proc WHERE proname = 'capture_${capture.id}'
      UNION ALL SELECT format('trigger %s %s', tgenabled, pg_get_triggerdef(oid)) FROM pg_trigger
        WHERE tgrelid = '${table}'::regclass AND NOT tgisinternal
      UNION ALL SELECT 'relation ' || oid::regclass FROM pg_class WHERE relnamespace::regnamespace::text IN ('made_${side}', 'bare_${side}')
      UNION ALL SELECT 'grant ' || nspname FROM pg_namespace
        WHERE nspname = 'bare_${side}' AND has_schema_privilege('sluice_worker', nspname, 'USAGE')
      UNION ALL SELECT 'row ' || t FROM ${table} AS t
      ORDER BY 1`);
    return rows.map(({ line }) => line);
  }
}

type Login = Database;

/** Creates everything of one side. The tables start empty; then the worker writes one row. */
async function install(side: Side, owner: Login, control: Login, worker: Login): Promise<InstalledSide> {
  const table = `${SCHEMAS[side]}.t`;
  const name = { schema: SCHEMAS[side], name: 't' };
  const installer = new DatabaseInstaller(owner, side, 'test');
  const guard = new DatabaseGuard(control, side);
  await installer.install(LOGIN_NAMES);
  // A schema that the worker may not use before a table is created in it.
  await owner.query(`CREATE SCHEMA bare_${side}`);
  await installer.register(authority(10), [name], 'sluice_worker');
  await installer.createTables(
    authority(),
    [
      `CREATE SCHEMA made_${side}; CREATE TABLE made_${side}.m (id int PRIMARY KEY); CREATE VIEW made_${side}.w AS SELECT 1;
      CREATE TABLE bare_${side}.g (id int PRIMARY KEY)`,
    ],
    [{ schema: `made_${side}`, name: 'm' }],
    LOGIN_NAMES,
  );
  await guard.setGuard(authority(), { state: 'dark' });
  await installer.noteEmpty(authority());
  const layout = await layoutIn(worker, side);
  const capture = await installer.startCapture(authority(), 'next.t', layout, LOG_BYTES_MAX);
  const end = {
    ...{ installer, guard, layout, capture, table },
    leases: new DatabaseLeases({ control, worker }, side),
    writer: new DatabaseWriter(worker),
    log: new DatabaseChangeLog(worker, side),
    scope: scopeOf(OF, side, { table: 'next.t', chunk: 0 }),
  };
  await fill(side, end);
  await worker.query('INSERT INTO sluice.touch VALUES (:scope, :applier, 1)', {
    scope: end.scope,
    applier: applierScope(OF, side, 'next.t', 0),
  });
  return end;
}

async function layoutIn(worker: Login, side: Side): Promise<Layout> {
  const table = `${SCHEMAS[side]}.t`;
  const { tables } = defineMigration({
    name: MIGRATION,
    shape: 'cdc',
    source: { test: endpoint('source') },
    target: { test: endpoint('target') },
    tables: [{ source: table, target: table }],
  });
  const [description] = await describeTables(worker, [{ schema: SCHEMAS[side], name: 't' }]);
  return layoutOf(tables[0]!, description!, description!);
}

/** Writes a row under a lease, stages a slice, leaves a key to appliers, installs an applier's lease and makes a key dirty. */
async function fill(
  side: Side,
  { leases, writer, log, layout, capture, scope }: InstalledSide,
): Promise<void> {
  await leases.plan(authority(), layout, scopePrefix(OF, side, 'next.t'), []);
  await leases.planPartition(authority(), applierScope(OF, side, 'next.t', 0));
  await leases.install(authority(), scope, 1, 0);
  await writer.writePage(layout, { scope, token: 1, seq: 1 }, [
    { rows: 1, bytes: 9, last: '{1}', columns: ['{1}', '{x}'] },
  ]);
  await writer.skipToApplier({ scope, token: 1, seq: 2 }, '{2}');
  await writer.stageSlices({ scope, token: 1, seq: 3 }, 0, 0, ['eA==']);
  await log.enqueue(layout, capture.id, ['{7}']);
}

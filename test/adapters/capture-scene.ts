/**
 * A source database whose tables are captured. Dirty keys are read as an applier reads them.
 *
 * ```ts
 * const scene = await CaptureScene.open(lab);
 * await scene.capture('CREATE TABLE t (id int PRIMARY KEY)');
 * expect(await scene.madeDirty('INSERT INTO t VALUES (1)')).toEqual(['{1}']);
 * ```
 */
import { DatabaseChangeLog } from '../../src/adapters/postgres/change-log';
import { describeTables } from '../../src/adapters/postgres/catalog';
import { DatabaseInstaller } from '../../src/adapters/postgres/installer';
import { DatabaseGuard } from '../../src/adapters/postgres/guard';
import { versionedDatabase } from '../../src/adapters/postgres/versioned-database';
import { defineMigration, type TableMapping } from '../../src/core/definition/definition';
import { parseTableName } from '../../src/core/identifier';
import { layoutOf, type Layout } from '../../src/core/layout';
import type { Authority, CaptureState, DirtyPageSize, DirtyRow } from '../../src/core/ports';
import { pooledDatabase } from '../support/pg-database';
import { LOGIN_NAMES, SCHEMA, type LoginName, type Side } from '../support/side';
import { endpoint } from '../support/trial-definition';
import { type Lab } from '../support/world';

export const MIGRATION = 'move';
export const OWNER = 'control-plane-1';
const MEGABYTE = 1_048_576;
const SIZE: DirtyPageSize = { entriesMax: 500, rowBytesMax: 50_000, bytesMax: 900_000 };

export interface Captured extends CaptureState {
  readonly layout: Layout;
}

export class CaptureScene {
  readonly installer: DatabaseInstaller;
  readonly log: DatabaseChangeLog;
  readonly guard: DatabaseGuard;
  generation = 0;
  private captured: Captured[] = [];

  private constructor(
    readonly side: Side,
    private readonly owner: ReturnType<typeof pooledDatabase>,
    private readonly control: ReturnType<typeof pooledDatabase>,
    private readonly worker: ReturnType<typeof pooledDatabase>,
  ) {
    this.installer = new DatabaseInstaller(versionedDatabase(owner), 'source', 'test');
    this.log = new DatabaseChangeLog(versionedDatabase(worker), 'source');
    this.guard = new DatabaseGuard(versionedDatabase(control), 'source');
  }

  static async open(lab: Lab): Promise<CaptureScene> {
    const { source: side } = await lab.trial({ tables: 'CREATE TABLE t (id int PRIMARY KEY)' });
    const scene = new CaptureScene(
      side,
      pooledDatabase(side.as('sluice_owner')),
      pooledDatabase(side.as('sluice_control')),
      pooledDatabase(side.as('sluice_worker')),
    );
    await scene.installer.install(LOGIN_NAMES);
    return scene;
  }

  async close(): Promise<void> {
    await Promise.all([this.owner, this.control, this.worker, this.side].map((each) => each.close()));
  }

  /** Of the last generation. */
  authority(epoch = 1): Authority {
    return { owner: OWNER, migration: MIGRATION, generation: this.generation, epoch };
  }

  /** The same as SQL arguments of an installed function. */
  sqlAuthority(): string {
    return `'${OWNER}', '${MIGRATION}', 'source', ${this.generation}, 1`;
  }

  /** Recreates the application's tables, and nothing else. */
  async make(tables: string): Promise<void> {
    const [guard] = await this.side.sql('SELECT FROM sluice.guard');
    if (guard) await this.installer.stopCapture(this.authority());
    this.generation += 1;
    if (guard) await this.side.sql(`UPDATE sluice.guard SET epoch = 1, generation = ${this.generation}`);
    else await this.installer.register(this.authority(), [], 'sluice_worker');
    await this.side.sql(`
      DROP SCHEMA ${SCHEMA} CASCADE; CREATE SCHEMA ${SCHEMA} AUTHORIZATION app_owner;
      SET ROLE app_owner; ${tables};
      GRANT USAGE ON SCHEMA ${SCHEMA} TO sluice_worker, app;
      GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON ALL TABLES IN SCHEMA ${SCHEMA} TO sluice_worker, app;
      GRANT USAGE ON ALL SEQUENCES IN SCHEMA ${SCHEMA} TO app`);
    this.captured = [];
  }

  /** Recreates the application's tables and captures some of them, in a new generation. */
  async capture(
    tables: string,
    names: readonly (string | Partial<TableMapping>)[] = ['t'],
    logMegabytesMax = 64,
  ): Promise<Captured> {
    await this.make(tables);
    for (const name of names) await this.start(name, logMegabytesMax);
    return this.captured[0]!;
  }

  async start(name: string | Partial<TableMapping> = 't', logMegabytesMax = 64): Promise<Captured> {
    const layout = await this.layout(name);
    const table = `${SCHEMA}.${layout.from.name}`;
    const state = await this.installer.startCapture(
      this.authority(),
      table,
      layout,
      logMegabytesMax * MEGABYTE,
    );
    const captured = { ...state, layout };
    this.captured.push(captured);
    return captured;
  }

  async layout(name: string | Partial<TableMapping>): Promise<Layout> {
    const table = typeof name === 'string' ? `${SCHEMA}.${name}` : name.source!;
    const { tables } = defineMigration({
      name: MIGRATION,
      shape: 'cdc',
      source: { test: endpoint('source') },
      target: { test: endpoint('target') },
      tables: [{ source: table, target: table, ...(typeof name === 'string' ? {} : name) }],
    });
    const [description] = await describeTables(this.worker, [parseTableName(table)!]);
    return layoutOf(tables[0]!, description!, description!);
  }

  /** Runs statements and returns the keys that they made dirty, once per entry, ordered by text; forgets the entries. */
  async madeDirty(statements: string, login: LoginName = 'app', table = 't'): Promise<string[]> {
    await this.side.sql(statements, login);
    const rows = await this.takeDirty(table);
    return rows.flatMap(({ key, entries }) => entries.map(() => key)).sort();
  }

  /** Reads every dirty row of a table, and forgets the entries. */
  async takeDirty(table = 't', size: Partial<DirtyPageSize> = {}): Promise<DirtyRow[]> {
    const { id, layout } = this.of(table);
    const rows = await this.dirty(table, size);
    const entries = rows.flatMap((row) => row.entries);
    for (let partition = 0; partition < layout.partitions; partition += 1)
      await this.log.forget(id, partition, entries);
    return rows;
  }

  /** Reads every dirty row of a table, page by page, partition by partition. */
  async dirty(table = 't', size: Partial<DirtyPageSize> = {}): Promise<DirtyRow[]> {
    const { id, layout } = this.of(table);
    const rows: DirtyRow[] = [];
    for (let partition = 0; partition < layout.partitions; partition += 1) {
      let after: string | null = null;
      do {
        const page = await this.log.readDirty(layout, id, partition, after, { ...SIZE, ...size });
        rows.push(...page.rows);
        after = page.next;
      } while (after !== null);
    }
    return rows;
  }

  /** Reads the partition of each dirty key from the log. */
  async partitions(): Promise<{ key: string; partition: number }[]> {
    return this.side.sql(
      `SELECT key::text AS key, partition::int FROM sluice.change_log ORDER BY rtrim(key::text, '}') COLLATE "C"`,
    );
  }

  /** Returns why the capture of a table may have missed a change, or null, as an applier checks it. */
  async lost(table = 't'): Promise<string | null> {
    const captures = await this.log.captures(this.authority());
    return captures.find((capture) => capture.table === `${SCHEMA}.${table}`)!.lost;
  }

  of(table: string): Captured {
    return this.captured.find(({ layout }) => layout.from.name === table)!;
  }
}

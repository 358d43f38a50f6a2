/** Functions of two versions in one database: each migration continues with its own, whichever is installed or removed first. */
import { DatabaseChangeLog } from '../../src/adapters/postgres/change-log';
import { DatabaseGuard } from '../../src/adapters/postgres/guard';
import { DatabaseInstaller } from '../../src/adapters/postgres/installer';
import { installStatements } from '../../src/adapters/postgres/install';
import { describeTables } from '../../src/adapters/postgres/catalog';
import { versionedDatabase } from '../../src/adapters/postgres/versioned-database';
import { defineMigration } from '../../src/core/definition/definition';
import { layoutOf } from '../../src/core/layout';
import { pooledDatabase } from '../support/pg-database';
import type { Side } from '../support/side';
import { endpoint } from '../support/trial-definition';
import { startLab, type Lab } from '../support/world';
import { LOGIN_NAMES } from '../support/side';

let lab: Lab;
beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => lab.stop());

/** A migration of one table that runs on the functions of one version. */
class Versioned {
  private readonly owner;
  private readonly control;
  private readonly worker;
  readonly guard: DatabaseGuard;
  readonly installer: DatabaseInstaller;
  readonly log: DatabaseChangeLog;

  constructor(
    private readonly database: Side,
    private readonly table: string,
    private readonly version: number,
  ) {
    this.owner = pooledDatabase(database.as('sluice_owner'));
    this.control = pooledDatabase(database.as('sluice_control'));
    this.worker = pooledDatabase(database.as('sluice_worker'));
    const worker = versionedDatabase(this.worker, version);
    this.installer = new DatabaseInstaller(versionedDatabase(this.owner, version), 'source', 'test');
    this.guard = new DatabaseGuard(versionedDatabase(this.control, version), 'source');
    this.log = new DatabaseChangeLog(worker, 'source');
  }

  by = (epoch: number) => ({
    owner: 'control-plane-1',
    migration: `move-${this.table}`,
    generation: 1,
    epoch,
  });

  async begin(): Promise<void> {
    for (const sql of installStatements(LOGIN_NAMES, this.version)) await this.owner.query(sql);
    const name = { schema: 'shop', name: this.table };
    await this.installer.register(this.by(1), [name], 'sluice_worker');
    const [description] = await describeTables(this.worker, [name]);
    const { tables } = defineMigration({
      name: 'move',
      shape: 'cdc',
      source: { test: endpoint('source') },
      target: { test: endpoint('target') },
      tables: [{ source: `shop.${this.table}`, target: `shop.${this.table}` }],
    });
    const layout = layoutOf(tables[0]!, description!, description!);
    await this.installer.startCapture(this.by(1), `shop.${this.table}`, layout, 1e9);
  }

  /** Everything that a running migration does at its source. */
  async change(epoch: number): Promise<void> {
    const { database, table } = this;
    const before = await this.entries();
    await database.sql(`INSERT INTO ${table} VALUES (${epoch})`, 'app');
    expect(await this.entries()).toBe(before + 1);
    expect(await this.log.captures(this.by(1))).toMatchObject([{ lost: null }]);
    await this.guard.setGuard(this.by(epoch), { state: 'fenced', seconds: 600 });
    await expect(database.sql(`INSERT INTO ${table} VALUES (0)`, 'app')).rejects.toThrow(/are refused/);
    await this.guard.setGuard(this.by(epoch + 1), { state: 'open' });
  }

  private async entries(): Promise<number> {
    const [depth] = await this.log.depth(this.by(1));
    return depth!.entries;
  }

  async close(): Promise<void> {
    await Promise.all([this.owner.close(), this.control.close(), this.worker.close()]);
  }
}

test.each([
  ['older', 0],
  ['newer', 1],
])('a migration continues when the one with the %s functions is removed', async (_which, removed) => {
  const { source } = await lab.trial({
    tables: 'CREATE TABLE t (id int PRIMARY KEY); CREATE TABLE u (id int PRIMARY KEY)',
  });
  const both = [new Versioned(source, 't', 1), new Versioned(source, 'u', 2)] as const;
  await both[0].begin();
  await both[0].change(2);
  await both[1].begin();
  for (const each of both) await each.change(4);
  const [gone, kept] = removed === 0 ? both : ([both[1], both[0]] as const);
  await gone.installer.uninstall(gone.by(6));
  await kept.change(6);
  await expect(gone.guard.setGuard(gone.by(7), { state: 'fenced' })).rejects.toThrow(/was removed|is none/);
  await kept.installer.uninstall(kept.by(8));
  expect(await source.traces()).toEqual([]);
  await Promise.all([...both.map((each) => each.close()), source.close()]);
});

/** Installed objects belong to one side: with both sides in one database, a call for one does not touch the other. */
import { otherSide, SIDES, type Side } from '../../src/contract/sides';
import type { Setup } from '../support/trial-definition';
import { startLab, type Lab } from '../support/world';
import { versioned } from '../../src/adapters/postgres/installed-version';
import { authority, MIGRATION, OF, sqlAuthority, TwoSides } from './two-sides-scene';

let lab: Lab;
beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => lab.stop());

describe.each(SIDES)('with both sides in one database, at the %s', (side) => {
  const other = otherSide(side);
  let scene: TwoSides;
  let before: string[];

  beforeEach(async () => {
    scene = await TwoSides.open(lab);
    before = await scene.stateOf(other);
  });
  afterEach(() => scene.close());

  const setGuard = (of: Side, epoch: number, state: 'open' | 'fenced') =>
    scene[of].guard.setGuard(authority(epoch), {
      ...{ state, from: ['open', 'dark', 'fenced'], seconds: 600 },
    });

  test('the scene holds something of every kind for each side', async () => {
    const kinds =
      'guard guarded created grant capture lease slice skipped touch entry function trigger relation row';
    for (const each of [before, await scene.stateOf(side)])
      expect([...new Set(each.map((line) => line.split(' ')[0]))].sort()).toEqual(kinds.split(' ').sort());
  });

  test('opening and fencing do not change the guard of the other side', async () => {
    await setGuard(side, 20, 'open');
    expect(await scene.write(side)).toBe('written');
    expect(await scene.write(other)).toMatch(
      new RegExp(`are refused: migration ${MIGRATION} guards it as its ${other}`),
    );
    await setGuard(side, 21, 'fenced');
    expect(await scene.write(side)).toMatch(new RegExp(`guards it as its ${side}`));
    expect(await scene.stateOf(other)).toEqual(before);
  });

  test('fencing waits for writers of its own side only', async () => {
    const writer = await scene.database.session('app');
    await setGuard(other, 20, 'open');
    await writer.query(`BEGIN; INSERT INTO ${scene[other].table} VALUES (1000, 'x')`);
    const sql = versioned(
      `SELECT sluice.set_guard(${sqlAuthority(side, 21)}, 'fenced', '{dark}', 600, false, 50, 50)`,
    );
    await scene.database.sql(sql, 'sluice_control');
    await writer.query('ROLLBACK');
    expect(await scene[side].guard.readGuard(OF)).toMatchObject({ state: 'fenced' });
  });

  test('each side compares epochs with its own guard only', async () => {
    await setGuard(side, 30, 'open');
    await setGuard(other, 20, 'open');
    await expect(setGuard(side, 25, 'fenced')).rejects.toThrow(
      /a newer call was first: .* generation 1, epoch 25; the guard is open, .* generation 1, epoch 30/,
    );
    expect(await scene[other].guard.readGuard(OF)).toMatchObject({ epoch: 20, state: 'open' });
  });

  test('revoking closes the leases of its own side only', async () => {
    await scene[side].guard.revoke(authority(20));
    expect(await scene.stateOf(other)).toEqual(before);
    expect(await scene[side].leases.read(scene[side].scope)).toMatchObject({ token: 2, open: false });
    expect(await scene[side].leases.install(authority(20), scene[side].scope, 9, 0)).toBeNull();
    expect(await scene[other].leases.install(authority(), scene[other].scope, 9, 0)).not.toBeNull();
  });

  test('a dark guard does not allow leases of the other side', async () => {
    await scene[other].guard.revoke(authority(20));
    expect(await scene[side].leases.install(authority(), scene[other].scope, 9, 0)).toBeNull();
  });

  test('captures and the depth of the log are read for one side', async () => {
    const { log, capture } = scene[side];
    expect(await log.captures(OF)).toEqual([{ table: 'next.t', id: capture.id, lost: null }]);
    const entries = await entriesOf(side);
    for (let partition = 0; partition < scene[side].layout.partitions; partition += 1)
      await log.forget(capture.id, partition, entries);
    expect(await log.depth(OF)).toMatchObject([{ entries: 0 }]);
    expect(await scene[other].log.depth(OF)).toMatchObject([{ entries: 2 }]);
  });

  test('a later generation of one side does not end the captures of the other', async () => {
    const { installer, layout } = scene[side];
    await installer.stopCapture(authority());
    await scene.database.sql(`UPDATE sluice.guard SET generation = 2 WHERE side = '${side}'`);
    await installer.startCapture({ ...authority(), generation: 2 }, 'next.t', layout, 1_000_000);
    await scene[other].installer.stopCapture(authority());
    await scene[other].installer.startCapture(authority(), 'next.t', scene[other].layout, 1_000_000);
    expect(await scene[other].log.captures(OF)).toHaveLength(1);
  });

  test('a side that was uninstalled cannot be captured, although the other is still installed', async () => {
    await scene[side].installer.uninstall(authority(30));
    const { installer, layout } = scene[side];
    await expect(installer.startCapture(authority(30), 'next.t', layout, 1_000_000)).rejects.toThrow(
      `because the guard of generation ${OF.generation} was removed under epoch 30`,
    );
  });

  test('empty tables are recorded for one side only', async () => {
    await scene.database.sql(`UPDATE sluice.guarded SET was_empty = NULL`);
    expect(await scene[side].installer.noteEmpty(authority())).toEqual([quoted(side)]);
    expect(await scene.database.sql('SELECT side FROM sluice.guarded WHERE was_empty IS NULL')).toEqual([
      { side: other },
    ]);
    expect(await scene[other].installer.noteEmpty(authority())).toEqual([quoted(other)]);
  });

  test('stopping a capture does not stop that of the other side, and keeps its entries', async () => {
    await scene[side].installer.stopCapture(authority());
    expect(await scene.stateOf(other)).toEqual(before);
    await setGuard(other, 20, 'open');
    await scene.database.sql(`INSERT INTO ${scene[other].table} VALUES (9, 'x')`, 'app');
    expect(await entriesOf(other)).toHaveLength(3);
  });

  test('stopping a capture keeps the entries of the other side while its capture is being stopped too', async () => {
    await scene.database.sql(versioned(`SELECT sluice.stop_capture(${sqlAuthority(other)}, 400, 2000)`));
    await scene[side].installer.stopCapture(authority());
    expect(await entriesOf(other)).toHaveLength(2);
  });

  test('uninstalling removes what belongs to its own side only', async () => {
    expect(await scene[side].installer.uninstall(authority(30))).toEqual([]);
    expect(await scene.stateOf(side)).toEqual([]);
    expect(await scene.stateOf(other)).toEqual(before);
    expect(await scene.write(side)).toBe('written');
    expect(await scene.write(other)).toMatch(/are refused/);
  });

  test('uninstalling considers only tables of its own side when it empties tables', async () => {
    await scene.database.sql(`CREATE TABLE child (id int REFERENCES ${scene[other].table})`);
    before = await scene.stateOf(other);
    expect(await scene[side].installer.uninstall(authority(30))).toEqual([]);
    expect(await scene.stateOf(other)).toEqual(before);
    expect(await scene[other].installer.uninstall(authority(30))).toEqual([scene[other].table]);
  });

  test('uninstalling keeps rows that a table of the other side references', async () => {
    await scene.database.sql(
      `ALTER TABLE ${scene[other].table} ADD FOREIGN KEY (id) REFERENCES ${scene[side].table}`,
    );
    expect(await scene[side].installer.uninstall(authority(30))).toEqual([scene[side].table]);
    expect(await scene.database.rows(scene[side].table)).toEqual(['(1,x)']);
  });

  test('uninstalling reports only the tables of its own side that keep rows', async () => {
    await scene.database.sql(`UPDATE sluice.guarded SET was_empty = false WHERE side = '${other}'`);
    expect(await scene[side].installer.uninstall(authority(30))).toEqual([]);
    expect(await scene[other].installer.uninstall(authority(30))).toEqual([scene[other].table]);
  });

  test('uninstalling does not wait for calls under the guard of the other side', async () => {
    const caller = await scene.database.session('sluice_control');
    await caller.query('BEGIN');
    await caller.query(
      versioned(`SELECT sluice.install_lease(${sqlAuthority(other)}, '${scene[other].scope}', 9, 0)`),
    );
    const sql = versioned(`SET statement_timeout = '5s'; SELECT sluice.uninstall(${sqlAuthority(side)})`);
    await scene.database.sql(sql, 'sluice_owner');
    await caller.query('COMMIT');
    expect(await scene.stateOf(side)).toEqual([]);
  });

  test('the schema stays until the other side is uninstalled, too', async () => {
    await scene[side].installer.uninstall(authority(30));
    expect(await scene.database.traces()).toContain('schema sluice');
    await scene[other].installer.uninstall(authority(30));
    expect(await scene.database.traces()).toEqual([]);
  });

  test('leases of one side do not make the other, open side count as finished', async () => {
    await setGuard(other, 20, 'open');
    await scene.database.sql(
      `DELETE FROM sluice.lease WHERE starts_with(scope, '${OF.owner}/${MIGRATION}/${other}/')`,
    );
    expect(await scene[other].installer.uninstall(authority(30))).toEqual([]);
    expect(await scene[other].guard.readGuard(OF)).toBeNull();
  });

  const quoted = (of: Side): string => `"${scene[of].table.replace('.', '"."')}"`;

  const entriesOf = async (of: Side): Promise<string[]> => {
    const rows = await scene.database.sql<{ id: string }>(
      `SELECT id FROM sluice.change_log WHERE capture = ${scene[of].capture.id}`,
    );
    return rows.map(({ id }) => id);
  };
});

describe('a whole migration within one database', () => {
  const WITHIN: Omit<Setup, 'tables' | 'target' | 'seed'> = {
    map: [{ source: 'shop.t', target: 'next.t', chunking: { rows: 100 } }],
    files: { 'next.sql': 'CREATE SCHEMA next; CREATE TABLE next.t (id int PRIMARY KEY, v text)' },
  };

  /** The migration creates the target's schema in the source's database. */
  const trialWithin = async (shape: 'offline' | 'cdc') => {
    const { source } = await lab.trial({
      tables: 'CREATE TABLE t (id int PRIMARY KEY, v text)',
      seed: `INSERT INTO t SELECT n, 'v' || n FROM generate_series(1, 300) AS n; ANALYZE`,
    });
    return lab.trialOn(source, source, { ...WITHIN, definition: { shape } });
  };

  test.each(['offline', 'cdc'] as const)('%s: an abort leaves the database as it was', async (shape) => {
    const trial = await trialWithin(shape);
    const before = [await trial.source.schema(), await trial.source.content('t')];
    await trial.begin();
    await trial.walk('backfill');
    await trial.abort();
    expect([await trial.source.schema(), await trial.source.content('t')]).toEqual(before);
    expect(await trial.source.traces()).toEqual([]);
    await trial.source.sql(`INSERT INTO t VALUES (1000, 'again')`, 'app');
  });

  test.each([
    ['offline', 'open'],
    ['cdc', 'stop-capture'],
  ] as const)('%s: the cutover seals the source and opens the target', async (shape, last) => {
    const trial = await trialWithin(shape);
    await trial.begin();
    await trial.walk(last);
    expect(await trial.source.content('next.t')).toBe(await trial.source.content('shop.t'));
    await trial.source.sql(`INSERT INTO next.t VALUES (1000, 'new')`);
    await expect(trial.source.sql('DELETE FROM shop.t')).rejects.toThrow(/guards it as its source/);
    const guards = await trial.source.sql('SELECT side, state FROM sluice.guard ORDER BY side');
    expect(guards).toEqual([
      { side: 'source', state: 'sealed' },
      { side: 'target', state: 'open' },
    ]);
  });
});

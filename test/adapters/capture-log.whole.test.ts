/** The change log as an applier uses it: it reads keys with their current rows, page by page, and forgets exactly those entries. */
import { DatabaseChangeLog } from '../../src/adapters/postgres/change-log';
import type { DirtyPage } from '../../src/core/ports';
import { pgDatabase } from '../support/pg-database';
import { startLab, type Lab } from '../support/world';
import { CaptureScene, OWNER, type Captured } from './capture-scene';
import { versioned } from '../../src/adapters/postgres/installed-version';
import { versionedDatabase } from '../../src/adapters/postgres/versioned-database';
import { LOGIN_NAMES } from '../support/side';

let lab: Lab;
let scene: CaptureScene;
let t: Captured;

beforeAll(async () => {
  lab = await startLab();
  scene = await CaptureScene.open(lab);
});
afterAll(async () => {
  await scene?.close();
  await lab.stop();
});

/** One partition, so that the order is known. */
const TABLE = 'CREATE TABLE t (id int PRIMARY KEY, v text, UNIQUE (v, id), u int UNIQUE)';
const SIZE = { entriesMax: 100, rowBytesMax: 1_000, bytesMax: 100_000 };
const read = (size: Partial<typeof SIZE> = {}, after: string | null = null) =>
  scene.log.readDirty(t.layout, t.id, 0, after, { ...SIZE, ...size });
const keys = ({ rows }: DirtyPage) => rows.map(({ key }) => key);
const ids = async () =>
  (await scene.side.sql<{ id: string }>('SELECT id::text FROM sluice.change_log ORDER BY id')).map(
    ({ id }) => id,
  );

describe('reading', () => {
  beforeEach(async () => {
    t = await scene.capture(TABLE);
  });

  test('an empty partition', async () => {
    expect(await read()).toEqual({ rows: [], next: null });
  });

  test('returns each key once, oldest first, with all of its entries and its row', async () => {
    for (const v of ['a', 'b', 'c'])
      await scene.side.sql(`INSERT INTO t VALUES (${v.charCodeAt(0)}, '${v}')`, 'app');
    await scene.side.sql(`UPDATE t SET v = 'x' WHERE id IN (97, 98); DELETE FROM t WHERE id = 98`, 'app');
    const page = await read();
    expect(page.next).toBeNull();
    expect(page.rows.map(({ key, row, entries }) => [key, row, entries.length])).toEqual([
      ['{97}', ['97', 'x', null], 2],
      ['{98}', 'gone', 3],
      ['{99}', ['99', 'c', null], 1],
    ]);
    expect(page.rows.flatMap(({ entries }) => entries).sort()).toEqual((await ids()).sort());
  });

  test('returns the age of the oldest entry of a key', async () => {
    await scene.side.sql(
      `INSERT INTO t VALUES (1), (2); UPDATE sluice.change_log SET at = at - interval '1 hour' WHERE key = '{1}'`,
    );
    await scene.side.sql('UPDATE t SET v = 1');
    const [one, two] = (await read()).rows;
    expect(one!.ageMs).toBeGreaterThanOrEqual(3_600_000);
    expect(one!.ageMs).toBeLessThan(3_700_000);
    expect(two!.ageMs).toBeLessThan(60_000);
  });

  test('continues after the scanned entries, until none is left', async () => {
    await scene.side.sql('INSERT INTO t SELECT generate_series(1, 10)', 'app');
    const first = await read({ entriesMax: 4 });
    expect(keys(first)).toEqual(['{1}', '{2}', '{3}', '{4}']);
    const second = await read({ entriesMax: 4 }, first.next);
    expect(keys(second)).toEqual(['{5}', '{6}', '{7}', '{8}']);
    const third = await read({ entriesMax: 4 }, second.next);
    expect(keys(third)).toEqual(['{9}', '{10}']);
    expect(third.next).toBeNull();
  });

  test('a hot key may have more entries than one page: each page returns its own', async () => {
    await scene.side.sql(`INSERT INTO t VALUES (1, ''); INSERT INTO t VALUES (2, '');
      DO $$ BEGIN FOR i IN 1..30 LOOP UPDATE t SET v = i::text WHERE id = 1; END LOOP; END $$`);
    const first = await read({ entriesMax: 10 });
    expect(first.rows.map(({ key, entries }) => [key, entries.length])).toEqual([
      ['{1}', 9],
      ['{2}', 1],
    ]);
    const second = await read({ entriesMax: 10 }, first.next);
    expect(second.rows.map(({ key, entries }) => [key, entries.length])).toEqual([['{1}', 10]]);
    expect(second.rows[0]!.row).toEqual(['1', '30', null]);
  });

  test('stops before the byte limit, and continues there; the first row is always returned', async () => {
    await scene.side.sql(`INSERT INTO t SELECT i, repeat('x', 500) FROM generate_series(1, 10) AS i`, 'app');
    const first = await read({ bytesMax: 2_000 });
    expect(keys(first)).toEqual(['{1}', '{2}', '{3}']);
    expect(keys(await read({ bytesMax: 2_000 }, first.next))).toEqual(['{4}', '{5}', '{6}']);
    expect(keys(await read({ bytesMax: 1 }))).toEqual(['{1}']);
  });

  test('a row that did not fit is not skipped after a key with entries on both sides of it', async () => {
    await scene.side.sql(
      `INSERT INTO t VALUES (1, ''), (2, repeat('x', 900)), (3, ''); UPDATE t SET v = 'y' WHERE id = 1`,
    );
    const first = await read({ bytesMax: 500 });
    expect(keys(first)).toEqual(['{1}']);
    const second = await read({ bytesMax: 5_000 }, first.next);
    expect(keys(second).sort()).toEqual(['{1}', '{2}', '{3}']);
    expect(second.next).toBeNull();
  });

  test('announces a row that exceeds the limit, and returns it under a higher limit', async () => {
    await scene.side.sql(
      `INSERT INTO t VALUES (1, repeat('"', 400)), (2, repeat('x', 400)), (3, repeat('x', 60000))`,
    );
    const state = async (rowBytesMax: number) =>
      (await read({ rowBytesMax, bytesMax: 900_000 })).rows.map(({ row }) =>
        typeof row === 'string' ? row : 'row',
      );
    expect(await state(500)).toEqual(['large', 'row', 'large']);
    expect(await state(1_000)).toEqual(['row', 'row', 'large']);
    expect(await state(64_000)).toEqual(['row', 'row', 'row']);
  });

  test('never exceeds the limits of a result row or a result', async () => {
    await scene.side.sql(`INSERT INTO t SELECT i, repeat('x', 64900) FROM generate_series(1, 20) AS i`);
    const database = versionedDatabase(pgDatabase(scene.side.as('sluice_worker')));
    let bytes: number[] = [];
    const query: typeof database.query = async (sql, parameters) => {
      const rows = await database.query(sql, parameters);
      bytes = rows.map((row) => Buffer.byteLength(Object.values(row).join('')));
      return rows;
    };
    const spied = new DatabaseChangeLog({ query }, 'source');
    await spied.readDirty(t.layout, t.id, 0, null, {
      entriesMax: 1_000_000,
      rowBytesMax: 1e9,
      bytesMax: 1e9,
    });
    expect(bytes.length).toBeGreaterThan(10);
    expect(Math.max(...bytes)).toBeLessThan(65_536);
    expect(bytes.reduce((sum, each) => sum + each)).toBeLessThan(1_048_576);
  });

  test('does not read a huge value to learn that it is large', async () => {
    t = await scene.capture(`CREATE TABLE t (id int PRIMARY KEY, v text, u int UNIQUE);
      ALTER TABLE t ALTER v SET STORAGE EXTERNAL; INSERT INTO t VALUES (9, repeat('x', 100000))`);
    expect(t.layout.wide).toBe(true);
    await scene.side.sql(`INSERT INTO t VALUES (1, repeat('x', 100000000)), (2, 'y')`);
    const startedMs = Date.now();
    expect((await read()).rows.map(({ row }) => row)).toEqual(['large', ['2', 'y', null]]);
    expect(Date.now() - startedMs).toBeLessThan(1_000);
  });

  test('returns every text unchanged', async () => {
    const odd = `E'\\t"\\\\{},'' é \\U0001F600 \\x01'`;
    await scene.side.sql(`INSERT INTO t VALUES (1, ${odd}), (2, ''), (3, 'NULL'), (4, NULL)`);
    expect((await read()).rows.map(({ row }) => (row as string[])[1])).toEqual([
      `\t"\\{},' é \u{1F600} \x01`,
      '',
      'NULL',
      null,
    ]);
  });

  test('returns a row as the mapping transforms it, and none that its filter excludes', async () => {
    await scene.side.sql(`INSERT INTO t VALUES (1, 'a', 10), (2, 'hidden', 20), (3, NULL, 30), (4, 'd', 40);
      UPDATE t SET v = 'hidden' WHERE id = 4`);
    const [id, v, u] = t.layout.columns;
    const layout = {
      ...t.layout,
      where: `v IS DISTINCT FROM 'hidden'`,
      columns: [id!, { ...v!, expression: `upper(v) || u` }, { ...u!, sent: false }],
    };
    const { rows } = await scene.log.readDirty(layout, t.id, 0, null, SIZE);
    expect(Object.fromEntries(rows.map(({ key, row }) => [key, row]))).toEqual({
      '{1}': ['1', 'A10'],
      '{2}': 'gone',
      '{3}': ['3', null],
      '{4}': 'gone',
    });
  });

  test('is refused to a session without the pinned settings', async () => {
    await scene.side.sql('INSERT INTO t VALUES (1)');
    const url = `${scene.side.as('sluice_worker')}?options=-c%20timezone%3DAsia/Kolkata`;
    const log = new DatabaseChangeLog(versionedDatabase(pgDatabase(url)), 'source');
    await expect(log.readDirty(t.layout, t.id, 0, null, SIZE)).rejects.toMatchObject({
      sqlState: 'SL004',
    });
  });
});

test('keys and entries are looked up in their indexes, however many there are', async () => {
  t = await scene.capture(
    `${TABLE}; INSERT INTO t SELECT i, 'v' FROM generate_series(1, 20000) AS i; ANALYZE t`,
  );
  await scene.side.sql('ANALYZE sluice.change_log');
  await scene.side.sql('UPDATE t SET v = 1');
  const before = await reads();
  const { rows } = await read({ entriesMax: 1_000, bytesMax: 900_000 });
  const seen = rows.flatMap(({ entries }) => entries);
  expect(seen).toHaveLength(1_000);
  await scene.log.forget(t.id, 0, seen);
  const after = await reads();
  expect(after.t - before.t).toBe(1_000);
  expect(after.log - before.log).toBeLessThan(5_000);

  /** Counts the rows read of each table, by scans and in indexes. */
  async function reads(): Promise<{ t: number; log: number }> {
    // A session reports its statistics after a second without a statement.
    await new Promise((resolve) => setTimeout(resolve, 1_200));
    const found = await scene.side.sql<{ name: string; n: string }>(
      `SELECT relname AS name, seq_tup_read + idx_tup_fetch AS n FROM pg_stat_user_tables WHERE relname IN ('t', 'change_log')`,
    );
    const of = (name: string) => Number(found.find((row) => row.name === name)!.n);
    return { t: of('t'), log: of('change_log') };
  }
});

describe('forgetting', () => {
  beforeEach(async () => {
    t = await scene.capture(TABLE);
    await scene.side.sql('INSERT INTO t VALUES (1), (2), (3)', 'app');
  });

  test('deletes exactly the entries seen: a later change stays', async () => {
    const [one] = (await read()).rows;
    await scene.side.sql(`UPDATE t SET v = 'later' WHERE id = 1`, 'app');
    await scene.log.forget(t.id, 0, one!.entries);
    expect((await read()).rows.map(({ key, row }) => [key, row])).toEqual([
      ['{2}', ['2', null, null]],
      ['{3}', ['3', null, null]],
      ['{1}', ['1', 'later', null]],
    ]);
  });

  test('can be repeated, called concurrently, and called without entries', async () => {
    const entries = await ids();
    await Promise.all([1, 2, 3].map(() => scene.log.forget(t.id, 0, entries)));
    await scene.log.forget(t.id, 0, entries);
    await scene.log.forget(t.id, 0, []);
    expect(await ids()).toEqual([]);
  });

  test('takes entries of the named partition only', async () => {
    t = await scene.capture('CREATE TABLE t (id int PRIMARY KEY)');
    await scene.side.sql('INSERT INTO t SELECT generate_series(1, 100)', 'app');
    await scene.log.forget(t.id, 2, await ids());
    const left = await scene.side.sql<{ partition: number }>(
      'SELECT DISTINCT partition FROM sluice.change_log ORDER BY partition',
    );
    const partitions = Array.from({ length: t.layout.partitions }, (_, partition) => partition);
    expect(left.map(({ partition }) => partition)).toEqual(partitions.filter((each) => each !== 2));
  });

  test("never takes another capture's entries", async () => {
    await scene.capture(`${TABLE}; CREATE TABLE u (id int PRIMARY KEY, v int UNIQUE)`, ['t', 'u']);
    await scene.side.sql('INSERT INTO t VALUES (1), (2)', 'app');
    const entries = await ids();
    await scene.log.forget(scene.of('u').id, 0, entries);
    expect(await ids()).toEqual(entries);
  });
});

describe('of an earlier generation', () => {
  test('a late forget or enqueue changes nothing, although the new schema has the same ids', async () => {
    await scene.installer.stopCapture(scene.authority());
    await scene.side.sql('DROP SCHEMA sluice CASCADE');
    await scene.installer.install(LOGIN_NAMES);
    const old = await scene.capture(TABLE);
    await scene.side.sql('INSERT INTO t VALUES (1), (2)', 'app');
    const oldIds = await ids();
    await scene.installer.stopCapture(scene.authority());
    await scene.side.sql('DROP SCHEMA sluice CASCADE');
    await scene.installer.install(LOGIN_NAMES);
    t = await scene.capture(TABLE);
    await scene.side.sql('INSERT INTO t VALUES (1), (2)', 'app');
    expect(await ids()).toEqual(oldIds);

    await scene.log.forget(old.id, 0, oldIds);
    await scene.log.enqueue(old.layout, old.id, ['{7}']);
    expect(await scene.log.readDirty(old.layout, old.id, 0, null, SIZE)).toEqual({ rows: [], next: null });
    expect((await scene.log.dirtyPartitions([old.id])).dirty).toEqual(new Set());
    expect(await ids()).toEqual(oldIds);
    expect(keys(await read())).toEqual(['{1}', '{2}']);
  });

  test('stopping the capture waits for an enqueue in flight, whose entries are removed', async () => {
    const other = 'CREATE TABLE u (id int PRIMARY KEY)';
    const old = await scene.capture(`${TABLE}; ${other}`, ['t', 'u']);
    // While another capture continues, entries are deleted, not truncated.
    await scene.side.sql(`UPDATE sluice.capture SET owner = 'another' WHERE table_name = 'shop.u'`);
    const session = await scene.side.session('sluice_worker');
    await session.query('BEGIN');
    await session.query(versioned('SELECT sluice.enqueue($1, $2)'), [old.id, '["{1}"]']);
    const stopped = scene.installer.stopCapture(scene.authority());
    await new Promise((resolve) => setTimeout(resolve, 200));
    await session.query('COMMIT');
    await stopped;
    expect(await scene.side.count('sluice.change_log')).toBe(0);
    expect(await scene.side.count('sluice.capture')).toBe(1);
    await scene.side.sql(`UPDATE sluice.capture SET owner = '${OWNER}'`);
    await scene.installer.stopCapture(scene.authority());
  });
});

describe('the depth of the log', () => {
  test('is counted over partitions, by table, with the age of the oldest entry', async () => {
    const [first] = [
      await scene.capture('CREATE TABLE t (id int PRIMARY KEY); CREATE TABLE u (id int PRIMARY KEY)', [
        't',
        'u',
      ]),
    ];
    const second = scene.of('u');
    const both = [first.id, second.id];
    expect((await scene.log.dirtyPartitions(both)).dirty).toEqual(new Set());
    expect(await scene.log.depth(scene.authority())).toEqual([
      { table: 'shop.t', entries: 0, oldestMs: 0 },
      { table: 'shop.u', entries: 0, oldestMs: 0 },
    ]);
    await scene.log.enqueue(
      first.layout,
      first.id,
      Array.from({ length: 50 }, (_, id) => `{${id}}`),
    );
    await scene.log.enqueue(second.layout, second.id, ['{1}', '{1}']);
    await scene.side.sql(`UPDATE sluice.change_log SET at = at - interval '1 minute' WHERE id % 10 = 0`);
    const [now] = await scene.side.sql('SELECT extract(epoch FROM now()) * 1000 AS ms');
    const { dirty, atMs } = await scene.log.dirtyPartitions(both);
    expect(atMs - Number(now!.ms)).toBeGreaterThanOrEqual(0);
    expect(atMs - Number(now!.ms)).toBeLessThan(10_000);
    expect([...dirty].filter((each) => each.startsWith(`${first.id}/`)).sort()).toEqual(
      [0, 1, 2, 3].map((partition) => `${first.id}/${partition}`),
    );
    expect([...dirty].filter((each) => each.startsWith(`${second.id}/`))).toHaveLength(1);
    expect((await scene.log.dirtyPartitions([])).dirty).toEqual(new Set());
    const depth = await scene.log.depth(scene.authority());
    expect(depth.map(({ table, entries }) => [table, entries])).toEqual([
      ['shop.t', 50],
      ['shop.u', 2],
    ]);
    expect(await scene.log.depth({ ...scene.authority(), generation: scene.generation - 1 })).toEqual([]);
  });
});

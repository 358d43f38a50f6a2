/** A capture reports, permanently and with a reason, that it may have missed a change; otherwise it reports no loss. */
import { startLab, type Lab } from '../support/world';
import { CaptureScene } from './capture-scene';
import { LOGIN_NAMES } from '../support/side';

let lab: Lab;
let scene: CaptureScene;

beforeAll(async () => {
  lab = await startLab();
  scene = await CaptureScene.open(lab);
});
afterAll(async () => {
  await scene?.close();
  await lab.stop();
});

const TABLES = `
  CREATE TYPE mood AS ENUM ('sad', 'glad'); CREATE DOMAIN moods AS mood[];
  CREATE TYPE tone AS ENUM ('low', 'high'); CREATE TYPE pair AS (t tone, x int); CREATE TYPE span AS RANGE (subtype = tone);
  CREATE DOMAIN pairs AS pair;
  CREATE TABLE t (id int PRIMARY KEY, v varchar(10), m moods, d int GENERATED ALWAYS AS (id * 2) STORED, w int, p pairs, s span);
  CREATE TABLE u (id int PRIMARY KEY);
  INSERT INTO t (id, v, w) VALUES (1, '1', 1)`;
const TREE = `
  CREATE TABLE t (id int PRIMARY KEY, v int) PARTITION BY RANGE (id);
  CREATE TABLE t_1 PARTITION OF t FOR VALUES FROM (0) TO (10);
  CREATE TABLE t_2 PARTITION OF t FOR VALUES FROM (10) TO (20) PARTITION BY RANGE (id);
  CREATE TABLE t_2_1 PARTITION OF t_2 FOR VALUES FROM (10) TO (20);
  CREATE TABLE other (id int PRIMARY KEY, v int); CREATE TABLE trunk (id int) PARTITION BY LIST (id)`;

const COLUMNS = 'the schema changed: a column was added, dropped or altered';
const REWRITTEN = 'the schema changed: the type of a column was apparently changed and changed back';
const TYPES = 'the schema changed: a type of a column was altered';
const LABELS = 'the schema changed: a label of an enum was renamed';
const KEY = 'the schema changed: the key no longer has a unique index';
const TRIGGERS = 'a capture trigger was disabled, changed or dropped, at least temporarily';
const FUNCTION = 'the function of the capture triggers was changed or dropped';
const PARTITIONS = 'a partition was detached or dropped, or changed to another kind of table';
const TABLE = 'the table was dropped, or changed to another kind of table';

/** `$insert` is the name of the trigger for inserts, `$id` the capture's id. */
const named = (statement: string) => {
  const { id } = scene.of('t');
  return statement.replaceAll('$insert', `sluice_capture_insert_${id}`).replaceAll('$id', id);
};

describe('changes of the schema that it notices', () => {
  test.each<[string, string]>([
    ['ALTER TABLE t ADD COLUMN x int', COLUMNS],
    ['ALTER TABLE t DROP COLUMN w', COLUMNS],
    ['ALTER TABLE t RENAME COLUMN v TO x', COLUMNS],
    ['ALTER TABLE t ALTER COLUMN w TYPE bigint', COLUMNS],
    ['ALTER TABLE t ALTER COLUMN v TYPE varchar(20)', COLUMNS],
    ['ALTER TABLE t ALTER COLUMN v TYPE varchar(10) COLLATE "C"', COLUMNS],
    ['ALTER TABLE t ALTER COLUMN w SET NOT NULL', COLUMNS],
    ['ALTER TABLE t ALTER COLUMN d DROP EXPRESSION', COLUMNS],
    ['ALTER TABLE t ALTER COLUMN d SET EXPRESSION AS (id * 3)', COLUMNS],
    [
      'ALTER TABLE t ALTER COLUMN w TYPE text USING (w + 1)::text; ALTER TABLE t ALTER COLUMN w TYPE int USING w::int',
      REWRITTEN,
    ],
    [`ALTER TYPE mood RENAME VALUE 'sad' TO 'low'`, LABELS],
    [`ALTER TYPE tone RENAME VALUE 'low' TO 'deep'`, LABELS],
    ['ALTER TYPE pair DROP ATTRIBUTE x', TYPES],
    ['ALTER TYPE pair RENAME ATTRIBUTE x TO y', TYPES],
    ['ALTER TABLE t DROP CONSTRAINT t_pkey', KEY],
    ['ALTER TABLE t RENAME TO t9', 'the table was renamed'],
    ['ALTER TABLE t SET SCHEMA public', 'the table was renamed'],
    ['DROP TABLE t', TABLE],
    ['DROP TABLE t; CREATE TABLE t (id int PRIMARY KEY)', TABLE],
    ['ALTER TABLE t SET UNLOGGED', TABLE],
    ['ALTER TABLE t DISABLE TRIGGER $insert', TRIGGERS],
    ['ALTER TABLE t DISABLE TRIGGER $insert; ALTER TABLE t ENABLE ALWAYS TRIGGER $insert', TRIGGERS],
    ['ALTER TABLE t ENABLE TRIGGER $insert', TRIGGERS],
    ['ALTER TABLE t DISABLE TRIGGER ALL; ALTER TABLE t ENABLE TRIGGER ALL', TRIGGERS],
    ['DROP TRIGGER $insert ON t', TRIGGERS],
    ['ALTER TRIGGER $insert ON t RENAME TO mine', TRIGGERS],
    ['ALTER FUNCTION sluice.capture_$id() SECURITY INVOKER', FUNCTION],
    ['ALTER FUNCTION sluice.capture_$id() RESET search_path', FUNCTION],
    [
      `CREATE OR REPLACE FUNCTION sluice.capture_$id() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'`,
      FUNCTION,
    ],
    ['CREATE TABLE heir () INHERITS (t)', 'another table inherits from the table'],
  ])('%s', async (statement, why) => {
    await scene.capture(TABLES);
    expect(await scene.lost()).toBeNull();
    await scene.side.sql(named(statement));
    expect(await scene.lost()).toBe(why);
  });

  test.each<[string, string]>([
    ['ALTER TABLE t DETACH PARTITION t_1', PARTITIONS],
    [
      'ALTER TABLE t DETACH PARTITION t_1; ALTER TABLE t ATTACH PARTITION t_1 FOR VALUES FROM (0) TO (10)',
      PARTITIONS,
    ],
    ['DROP TABLE t_2_1', PARTITIONS],
    ['ALTER TABLE t_1 SET UNLOGGED', PARTITIONS],
    ['ALTER TABLE t_2_1 DISABLE TRIGGER $insert; ALTER TABLE t_2_1 ENABLE ALWAYS TRIGGER $insert', TRIGGERS],
    ['ALTER TABLE t_1 DISABLE TRIGGER USER; ALTER TABLE t_1 ENABLE TRIGGER USER', TRIGGERS],
    [
      'ALTER TABLE t ALTER COLUMN v TYPE text USING v + 1; ALTER TABLE t ALTER COLUMN v TYPE int USING v::int',
      REWRITTEN,
    ],
  ])('of a partition tree: %s', async (statement, why) => {
    await scene.capture(TREE);
    expect(await scene.lost()).toBeNull();
    await scene.side.sql(named(statement)).catch((error: Error) => {
      // A column of the partition key keeps its type: the case proves that the statement is not possible.
      if (!error.message.includes('cannot alter column "id" because it is part of the partition key'))
        throw error;
      return scene.side.sql('ALTER TABLE t ADD COLUMN x int');
    });
    expect(await scene.lost()).toBe(why);
  });
});

describe('harmless changes', () => {
  const CALM = [
    'ANALYZE t; ANALYZE',
    'VACUUM t',
    'VACUUM FULL t',
    'VACUUM FREEZE pg_attribute, pg_trigger, pg_inherits',
    'CLUSTER t USING t_pkey',
    'REINDEX TABLE t; REINDEX INDEX CONCURRENTLY t_pkey',
    'CREATE INDEX CONCURRENTLY extra ON t (id)',
    'ALTER TABLE t ALTER COLUMN id SET STATISTICS 500',
    'ALTER TABLE t SET (fillfactor = 50); ALTER TABLE t SET (autovacuum_enabled = off)',
    'GRANT SELECT ON t TO app; GRANT UPDATE (id) ON t TO app',
    `COMMENT ON COLUMN t.id IS 'the key'`,
    'CREATE TABLE child (t int REFERENCES t)',
    `CREATE FUNCTION mine() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
     CREATE TRIGGER sluice_capture_insert AFTER INSERT ON t FOR EACH ROW EXECUTE FUNCTION mine();
     ALTER TABLE t DISABLE TRIGGER sluice_capture_insert; DROP TRIGGER sluice_capture_insert ON t`,
    'ALTER TABLE t OWNER TO sluice_owner',
  ];

  test.each([
    ['an ordinary table', TABLES],
    ['a partitioned table', TREE],
  ])('on %s', async (_kind, tables) => {
    await scene.capture(tables);
    for (const statements of CALM) {
      // Each by itself: VACUUM and CONCURRENTLY cannot run in a transaction.
      const [first, ...rest] = statements.includes('plpgsql') ? [statements] : statements.split(';');
      for (const statement of [first!, ...rest])
        await runAlone(statement).catch((error: Error) => {
          if (!/partitioned table/.test(error.message)) throw error;
        });
      expect([statements, await scene.lost()]).toEqual([statements, null]);
    }
    await scene.side.sql('INSERT INTO t (id) VALUES (5)');
    expect(await scene.takeDirty()).toHaveLength(1);
  });

  async function runAlone(statement: string): Promise<void> {
    const session = await scene.side.session('superuser');
    await session.query(statement).finally(() => session.end());
  }

  test('a new label of an enum, another default, an index that replaces that of the key', async () => {
    await scene.capture(TABLES);
    await scene.side.sql(`ALTER TYPE mood ADD VALUE 'wild' BEFORE 'sad'`);
    await scene.side
      .sql(`ALTER TABLE t ALTER COLUMN w SET DEFAULT 7; ALTER TABLE t ALTER COLUMN w DROP DEFAULT;
      CREATE UNIQUE INDEX fresh ON t (id); ALTER TABLE t DROP CONSTRAINT t_pkey, ADD CONSTRAINT t_pkey PRIMARY KEY USING INDEX fresh`);
    expect(await scene.lost()).toBeNull();
  });

  test("Sluice's own guard: set, unset, set again", async () => {
    for (const tables of [TABLES, TREE]) {
      await scene.capture(tables);
      await scene.side.sql('DELETE FROM sluice.guard');
      await scene.installer.register(scene.authority(), [{ schema: 'shop', name: 't' }], 'sluice_worker');
      for (const [epoch, state] of [
        [2, 'fenced'],
        [3, 'open'],
        [4, 'fenced'],
        [5, 'sealed'],
        [6, 'open'],
      ] as const) {
        await scene.guard.setGuard(scene.authority(epoch), { state, seconds: 60 });
        expect(await scene.lost()).toBeNull();
      }
      await scene.side.sql('DELETE FROM sluice.guarded; UPDATE sluice.guard SET epoch = 1');
    }
  });

  test('changes of tables that are not captured, and installing again', async () => {
    await scene.capture(TABLES);
    await scene.side.sql('ALTER TABLE u ADD COLUMN x int; DROP TABLE u');
    await scene.installer.install(LOGIN_NAMES);
    expect(await scene.lost()).toBeNull();
  });
});

describe('TRUNCATE', () => {
  test('is noticed in every form', async () => {
    for (const statement of [
      'TRUNCATE t',
      'TRUNCATE u CASCADE',
      'SET session_replication_role = replica; TRUNCATE t',
    ]) {
      await scene.capture(
        'CREATE TABLE u (id int PRIMARY KEY); CREATE TABLE t (id int PRIMARY KEY REFERENCES u)',
      );
      await scene.side.sql(statement);
      expect(await scene.lost()).toBe('TRUNCATE emptied shop.t without naming its rows');
    }
  });

  test('that is rolled back loses no changes', async () => {
    await scene.capture(TABLES);
    await scene.side.sql(
      'BEGIN; TRUNCATE t; ROLLBACK; BEGIN; SAVEPOINT s; TRUNCATE t; ROLLBACK TO s; COMMIT',
      'app',
    );
    expect(await scene.lost()).toBeNull();
  });

  test('that is not committed blocks no writer of another table, and counts after the commit', async () => {
    await scene.capture(`${TABLES}; CREATE TABLE free (id int PRIMARY KEY)`, ['t', 'free']);
    const session = await scene.side.session('app');
    await session.query('BEGIN; TRUNCATE t');
    await scene.side.sql(`SET statement_timeout = '2s'; INSERT INTO free VALUES (1)`, 'app');
    expect(await scene.lost()).toBeNull();
    await session.query('COMMIT');
    expect(await scene.lost()).toMatch(/^TRUNCATE/);
    expect(await scene.lost('free')).toBeNull();
  });
});

describe('a loss', () => {
  test('stays after its cause is gone, with its first reason', async () => {
    await scene.capture(TABLES);
    await scene.side.sql('ALTER TABLE t ADD COLUMN x int');
    expect(await scene.lost()).toBe(COLUMNS);
    await scene.side.sql('TRUNCATE t');
    expect(await scene.lost()).toBe(COLUMNS);
  });

  test('concerns one table, in one generation', async () => {
    await scene.capture(TABLES, ['t', 'u']);
    await scene.side.sql('TRUNCATE t');
    expect(await scene.lost('u')).toBeNull();
    await scene.capture(TABLES);
    expect(await scene.lost()).toBeNull();
  });

  test('is reported when a capture is started on a table that it cannot follow', async () => {
    await scene.make('CREATE TABLE t (id int NOT NULL, v int); CREATE UNIQUE INDEX ON t (id) WHERE v > 0');
    expect((await scene.start({ source: 'shop.t', key: ['id'] })).lost).toBe(KEY);
  });
});

describe('the cap of the log', () => {
  const overCap = async () => {
    await scene.capture(TABLES, ['t', 'u'], 1);
    await scene.side.sql('INSERT INTO t (id) SELECT generate_series(2, 20000)', 'app');
  };
  /** Enough statements for one of them to check the log's size. */
  const MANY = `DO $$ BEGIN FOR i IN 1..1000 LOOP UPDATE t SET v = 'x' WHERE id = 7; END LOOP; END $$`;

  test('ends the capture, and the application continues without it', async () => {
    await overCap();
    await scene.side.sql(MANY, 'app');
    const entries = await scene.side.count('sluice.change_log');
    await scene.side.sql(`UPDATE t SET v = 'y'; DELETE FROM t WHERE id > 100`, 'app');
    expect(await scene.side.count('sluice.change_log')).toBe(entries);
    expect(await scene.side.count('sluice.capture_loss')).toBe(1);
    expect(await scene.lost()).toBe('the change log is larger than its cap of 1 MB');
    expect(await scene.side.count('t')).toBe(100);
  });

  test('is found by an applier that checks before a writer finds it', async () => {
    await overCap();
    expect(await scene.lost()).toBe('the change log is larger than its cap of 1 MB');
  });

  test('blocks no writer: writers over the cap do not wait for each other, and a rollback hides no loss', async () => {
    await overCap();
    const first = await scene.side.session('app');
    await first.query(`BEGIN; ${MANY}`);
    await scene.side.sql(`SET statement_timeout = '2s'; UPDATE t SET v = 'y' WHERE id = 8`, 'app');
    await first.query('ROLLBACK');
    expect(await scene.side.sql('SELECT why FROM sluice.capture_loss')).toEqual([
      { why: 'the change log is larger than its cap of 1 MB' },
    ]);
  });
});

test('no reason contains a row of the table', async () => {
  await scene.capture(`CREATE TABLE t (id text PRIMARY KEY); INSERT INTO t VALUES ('secret')`);
  await scene.side.sql(`UPDATE t SET id = 'secret 2'; ALTER TABLE t ADD x text DEFAULT 'secret'; TRUNCATE t`);
  expect(await scene.lost()).not.toContain('secret');
  expect(
    JSON.stringify(await scene.side.sql('SELECT c, l FROM sluice.capture AS c, sluice.capture_loss AS l')),
  ).not.toContain('secret');
});

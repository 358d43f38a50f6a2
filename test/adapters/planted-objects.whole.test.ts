/** Objects of the application's never run with the rights of Sluice's logins because of their names, types or casts. */
import { DatabaseInstaller } from '../../src/adapters/postgres/installer';
import { versionedDatabase } from '../../src/adapters/postgres/versioned-database';
import { pooledDatabase } from '../support/pg-database';
import type { Side } from '../support/side';
import { startLab, type Lab, type Trial } from '../support/world';
import { LOGIN_NAMES } from '../support/side';

let lab: Lab;
beforeAll(async () => {
  lab = await startLab();
});
afterEach(() => lab.endTrials());
afterAll(() => lab.stop());

/** A function of the application's that records which login runs it. */
const spy = (name: string, parameters: string, returns: string, value: string): string =>
  `CREATE FUNCTION ${name}(${parameters}) RETURNS ${returns} LANGUAGE plpgsql AS $f$
   BEGIN INSERT INTO shop.ran VALUES (current_user); RETURN ${value}; END $f$`;
const RAN = 'CREATE TABLE ran (login name); GRANT INSERT ON ran TO PUBLIC';
const ranAs = async (side: Side): Promise<string[]> => {
  const rows = await side.sql<{ login: string }>('SELECT DISTINCT login::text FROM shop.ran ORDER BY 1');
  return rows.map(({ login }) => login);
};

async function started(trial: Trial): Promise<void> {
  await trial.begin();
  for (const stage of ['preflight', 'prepare', 'start-capture'] as const) await trial.stage(stage);
}

describe('casts that the owner of a type defines', () => {
  const MOODS = `CREATE TYPE mood AS ENUM ('sad', 'glad'); CREATE TYPE pair AS (a mood, b int); ${RAN};
    CREATE TABLE t (id mood, n int, moods mood[], pairs pair, PRIMARY KEY (id, n))`;
  const TO_TEXT = `${spy('forged', 'mood', 'text', `'glad'`)};
    ${spy('forged', 'mood[]', 'text', `'{glad}'`)}; ${spy('forged', 'pair', 'text', `'(glad,1)'`)};
    CREATE CAST (mood AS text) WITH FUNCTION forged(mood) AS ASSIGNMENT;
    CREATE CAST (mood[] AS text) WITH FUNCTION forged(mood[]) AS IMPLICIT;
    CREATE CAST (pair AS text) WITH FUNCTION forged(pair) AS IMPLICIT`;

  test('forge no key and no value, and run in no session of Sluice, when values become text', async () => {
    const trial = await lab.trial({
      tables: MOODS,
      seed: `INSERT INTO t SELECT 'sad', n, ARRAY['sad'::mood], ROW('sad', n)::pair FROM generate_series(1, 100) AS n;
        SET ROLE app_owner; ${TO_TEXT}`,
      definition: { shape: 'cdc', fence: { seconds: 60 } },
    });
    await started(trial);
    await trial.source.sql(`UPDATE t SET moods = '{glad,sad}' WHERE n = 7`, 'app');
    const [entry] = await trial.source.sql('SELECT key::text AS key FROM sluice.change_log');
    expect(entry).toEqual({ key: '{sad,7}' });
    await trial.walk('stop-capture');
    expect(await trial.target.content('t')).toBe(await trial.source.content('t'));
    expect(await ranAs(trial.source)).toEqual([]);
  });

  test('run in no session of Sluice when text becomes a value, nor do the checks of a domain', async () => {
    const trial = await lab.trial({
      tables: `${RAN}; ${spy('valid', 'int', 'boolean', 'true')}; CREATE DOMAIN number AS int CHECK (shop.valid(VALUE));
        CREATE TYPE mood AS ENUM ('sad', 'glad'); CREATE TABLE t (id mood, n number, PRIMARY KEY (id, n))`,
      seed: `INSERT INTO t VALUES ('sad', 1)`,
      definition: { shape: 'cdc', fence: { seconds: 60 } },
    });
    await started(trial);
    await trial.source.sql(
      `UPDATE t SET n = 1; DELETE FROM ran; SET ROLE app_owner; ${spy('forged', 'text', 'mood', `'glad'`)};
       CREATE CAST (text AS mood) WITH FUNCTION forged(text)`,
    );
    const { log } = trial.world().ends.source;
    const [capture] = await log.captures(trial.of);
    const [table] = await trial.world().describe('forward');
    await log.enqueue(table!.layout, capture!.id, ['{sad,1}']);
    const entries = await trial.source.sql(
      'SELECT count(*)::int AS n, count(DISTINCT partition)::int AS p FROM sluice.change_log',
    );
    expect(entries).toEqual([{ n: 2, p: 1 }]);
    expect(await ranAs(trial.source)).toEqual([]);
  });
});

test('types that a function of the application creates in a session of the worker are not found', async () => {
  const trial = await lab.trial({
    tables: 'CREATE TABLE t (id int PRIMARY KEY, note text, made timestamptz)',
    target: `CREATE FUNCTION plant(text) RETURNS boolean LANGUAGE plpgsql AS $f$ BEGIN
        CREATE DOMAIN pg_temp.text AS int; CREATE DOMAIN pg_temp.timestamptz AS int; CREATE TABLE pg_temp.pg_class (oid int);
        RETURN true; EXCEPTION WHEN duplicate_object THEN RETURN true; END $f$;
      CREATE TABLE t (id int PRIMARY KEY, note text CHECK (shop.plant(note)), made timestamptz)`,
    seed: `INSERT INTO t SELECT n, 'note ' || n, now() FROM generate_series(1, 100) AS n`,
    definition: { fence: { minutes: 5 } },
  });
  await trial.begin();
  await trial.walk('verify');
  expect(await trial.problems()).toEqual([]);
  expect(await trial.target.content('t')).toBe(await trial.source.content('t'));
});

test('a view with the name of a sequence runs nothing as the owner', async () => {
  const trial = await lab.trial({ tables: `CREATE TABLE t (id serial PRIMARY KEY); ${RAN}` });
  await trial.begin();
  await trial.walk('prepare');
  await trial.source.sql(
    `SET ROLE app_owner; ${spy('place', '', 'bigint', '1')}; CREATE VIEW numbers AS SELECT shop.place() AS last_value`,
  );
  const { guard } = trial.world().ends.source;
  const read = async (name: string) => guard.sequencePosition(await trial.authority(), name);
  await expect(read('shop.numbers')).rejects.toThrow(/shop\.numbers is not a sequence/);
  expect(await read('shop.t_id_seq')).toBe('1');
  expect(await ranAs(trial.source)).toEqual([]);
});

describe('of a table, its owner runs nothing as the owner of Sluice', () => {
  const INDEXED = `${RAN}; ${spy('noted', '', 'int', '1')};
    CREATE FUNCTION folded(int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS 'BEGIN PERFORM shop.noted(); RETURN 1; END';
    CREATE TABLE t (id int PRIMARY KEY); CREATE INDEX ON t ((shop.folded(1)))`;

  test('by a function in an index, when it is noted that the table was emptied', async () => {
    const trial = await lab.trial({ tables: INDEXED });
    await trial.target.sql('INSERT INTO t VALUES (1); DELETE FROM t');
    await trial.begin();
    await trial.walk('prepare');
    const [guarded] = await trial.target.sql(`SELECT was_empty FROM sluice.guarded WHERE side = 'target'`);
    expect(guarded).toEqual({ was_empty: true });
    expect(await ranAs(trial.target)).not.toContain('sluice_owner');
    expect(await ranAs(trial.source)).not.toContain('sluice_owner');
  });

  test('by a policy, and rows that it hides from the owner count, so that an abort keeps them', async () => {
    const trial = await lab.trial({
      tables: `${RAN}; ${spy('seen', '', 'boolean', 'false')}; CREATE TABLE t (id int PRIMARY KEY)`,
      definition: { tables: [{ source: 'shop.t', target: 'shop.t', existingRows: 'replace' }] },
    });
    await trial.target
      .sql(`INSERT INTO t VALUES (1); ALTER TABLE t ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
      CREATE POLICY p ON t USING (shop.seen()); ALTER ROLE sluice_worker BYPASSRLS; ALTER ROLE sluice_verifier BYPASSRLS`);
    await trial.begin();
    await trial.walk('prepare');
    await trial.target.sql('ALTER ROLE sluice_worker NOBYPASSRLS; ALTER ROLE sluice_verifier NOBYPASSRLS');
    const [guarded] = await trial.target.sql(`SELECT was_empty FROM sluice.guarded WHERE side = 'target'`);
    expect(guarded).toEqual({ was_empty: false });
    expect(await ranAs(trial.target)).toEqual([]);
  });

  test('by a trigger, when an abort empties the table; the trigger stays as it was', async () => {
    const trial = await lab.trial({
      tables: `${RAN}; CREATE TABLE t (id int PRIMARY KEY, at date) PARTITION BY RANGE (id);
        CREATE TABLE low PARTITION OF t FOR VALUES FROM (MINVALUE) TO (50); CREATE TABLE high PARTITION OF t DEFAULT;
        ${spy('noted', '', 'trigger', 'NULL')};
        CREATE TRIGGER a AFTER TRUNCATE ON low FOR EACH STATEMENT EXECUTE FUNCTION noted();
        CREATE TRIGGER b BEFORE TRUNCATE ON t FOR EACH STATEMENT EXECUTE FUNCTION noted();
        CREATE TRIGGER c BEFORE TRUNCATE ON high FOR EACH STATEMENT EXECUTE FUNCTION noted();
        ALTER TABLE high DISABLE TRIGGER c`,
      seed: 'INSERT INTO t SELECT generate_series(1, 200)',
    });
    await trial.begin();
    await trial.walk('preflight');
    await trial.target.sql('ALTER TABLE low ENABLE ALWAYS TRIGGER a');
    const before = await trial.target.schema();
    await trial.walk('backfill');
    expect(await trial.target.count('t')).toBe(200);
    await trial.abort();
    expect(await trial.target.count('t')).toBe(0);
    expect(await trial.target.schema()).toEqual(before);
    expect(await ranAs(trial.target)).toEqual([]);
  });
});

test('every function in schema sluice searches pg_catalog first, also those created for guards and captures', async () => {
  const trial = await lab.trial({
    tables: 'CREATE TABLE t (id int PRIMARY KEY)',
    definition: { shape: 'cdc', fence: { seconds: 60 } },
  });
  await started(trial);
  const functions = await trial.source.sql<{ name: string; path: string | null }>(
    `SELECT proname::text AS name, (SELECT s FROM unnest(proconfig) AS s WHERE starts_with(s, 'search_path=')) AS path
     FROM pg_proc WHERE pronamespace = 'sluice'::regnamespace`,
  );
  expect(functions.filter(({ name }) => /^(guard|capture)_\d+$/.test(name))).toHaveLength(2);
  const others = functions.filter(({ path }) => path !== 'search_path=pg_catalog, pg_temp');
  expect(others.map(({ name }) => name).sort()).toEqual([
    'assert_source_session_v1',
    'assert_target_session_v1',
  ]);
});

describe('the path of the owner', () => {
  test('is not changed by schema files, which start with the default one', async () => {
    const { target } = await lab.trial({ tables: '', target: '' });
    await target.sql('GRANT CREATE ON SCHEMA public, shop TO sluice_owner');
    const owner = pooledDatabase(target.as('sluice_owner'));
    const installer = new DatabaseInstaller(versionedDatabase(owner), 'target', 'test');
    const authority = { owner: 'control-plane-1', migration: 'move', generation: 1, epoch: 1 };
    const tables = ['a', 'b', 'c'].map((name) => ({ schema: name === 'b' ? 'shop' : 'public', name }));
    await installer.install(LOGIN_NAMES, { ...authority, epoch: 0 });
    await installer.register(authority, tables, 'sluice_worker');
    await installer.createTables(
      authority,
      [
        'CREATE TABLE a (id int PRIMARY KEY)',
        'SET search_path = shop',
        'CREATE TABLE b (id int PRIMARY KEY); RESET search_path',
        'CREATE TABLE c (id int PRIMARY KEY); SET search_path = shop',
      ],
      tables,
      LOGIN_NAMES,
    );
    expect(await owner.query(`SELECT current_setting('search_path') AS path`)).toEqual([
      { path: 'pg_catalog, pg_temp' },
    ]);
    await owner.close();
    expect(await target.count('public.c')).toBe(0);
  });
});

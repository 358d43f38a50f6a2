/** Other roles with the worker's rights, subscribers of Sluice's tables, and other schemas named sluice. */
import { DatabaseInstaller } from '../../../src/adapters/postgres/installer';
import { loginUrl, runSql } from 'local-aws';
import { LOGIN_NAMES, Side } from '../../support/side';
import { brief, Stage, type Case } from './stage';

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.start({ wal_level: 'logical' });
});
afterAll(() => stage.stop());

const T = 'CREATE TABLE t (id int PRIMARY KEY, note text)';
const problemsOf = async (input: Case): Promise<string[]> =>
  brief(await stage.problems({ ...input, definition: { shape: 'cdc' } }));

test('every login with the rights of the worker is reported, also through roles; its creator with ADMIN only is not', async () => {
  await runSql(
    stage.urls.source,
    `CREATE ROLE maker LOGIN; GRANT sluice_worker TO maker WITH ADMIN TRUE, INHERIT FALSE, SET FALSE;
     CREATE ROLE team; GRANT sluice_worker TO team; CREATE ROLE heir LOGIN IN ROLE team;
     CREATE ROLE changer LOGIN; GRANT sluice_worker TO changer WITH INHERIT FALSE, SET TRUE`,
  );
  const problems = await stage.problems({ source: T });
  await runSql(stage.urls.source, 'DROP ROLE maker, heir, team, changer');
  expect(brief(problems)).toEqual(
    ['source', 'target'].flatMap((side) =>
      ['changer', 'heir'].map(
        (login) => `separate-logins: ${side} worker: login ${login} may act as sluice_worker`,
      ),
    ),
  );
});

test('shape cdc reports a session of the worker that is not from the Data API', async () => {
  const side = new Side(stage.urls.target);
  const [visitor, service, owner] = [
    await side.session('sluice_worker'),
    await side.session('sluice_worker'),
    await side.session('sluice_owner'),
  ];
  for (const session of [visitor, owner]) await session.query('SET application_name = \'nightly "job"\'');
  await service.query('SELECT 1');
  const found = await problemsOf({ source: T });
  const offline = await stage.problems({ source: T });
  await side.close();
  expect(found).toEqual([
    'separate-logins: target worker: login sluice_worker has a session from application "nightly \\"job\\"", which is not the Data API',
  ]);
  expect(offline).toEqual([]);
});

test('a publication of all tables is reported once a replication slot exists', async () => {
  const { source } = stage.urls;
  await runSql(source, 'CREATE PUBLICATION everything FOR ALL TABLES; CREATE PUBLICATION nothing');
  expect(await stage.problems({ source: T })).toEqual([]);
  await runSql(source, "SELECT pg_create_logical_replication_slot('reader', 'pgoutput')");
  const problems = await stage.problems({ source: T });
  await runSql(source, "SELECT pg_drop_replication_slot('reader')");
  await runSql(source, 'DROP PUBLICATION everything');
  expect(brief(problems)).toEqual([
    expect.stringMatching(
      /^publications: source database test_\S+: publication everything is FOR ALL TABLES, /,
    ),
  ]);
});

test('only a schema sluice that Sluice installed is accepted', async () => {
  await runSql(
    loginUrl(stage.urls.target, 'sluice_owner', 'replace me'),
    `CREATE SCHEMA sluice; CREATE VIEW sluice.other AS SELECT 1`,
  );
  expect(await problemsOf({ source: T })).toEqual([
    'owner-may-install: target owner: schema sluice contains objects that Sluice did not create',
  ]);
  const owner = stage.connect('target', 'owner');
  await owner.query('DROP SCHEMA sluice CASCADE');
  await new DatabaseInstaller(owner, 'target', 'test').install(LOGIN_NAMES);
  expect(await problemsOf({ source: T })).toEqual([]);
});

test('tables of an older version of Sluice, without a column side, are refused', async () => {
  const owner = stage.connect('target', 'owner');
  await owner.query('DROP SCHEMA IF EXISTS sluice CASCADE');
  await runSql(
    loginUrl(stage.urls.target, 'sluice_owner', 'replace me'),
    `CREATE SCHEMA sluice; CREATE TABLE sluice.guard (migration text PRIMARY KEY, epoch bigint, state text)`,
  );
  const problems = await stage.problems({ source: T });
  await owner.query('DROP SCHEMA sluice CASCADE');
  expect(brief(problems)).toEqual([
    'owner-may-install: target owner: schema sluice was installed by an older version: its table guard has no column worker',
  ]);
  expect(problems[0]!.remedy).toMatch(/^Abort its migrations with the version that started them/);
});

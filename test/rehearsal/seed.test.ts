import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { seed, type SeedOptions } from '../../src/rehearsal/seed';
import { freshDatabase, loginUrl, runSql, startTestPostgres, type TestPostgres } from 'local-aws/testing';

let server: TestPostgres;
let directory: string;

beforeAll(async () => {
  server = await startTestPostgres();
});
afterAll(() => server.stop());
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'sluice-seed-test-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const passwords = {
  app: 'a',
  sluice_owner: 'o',
  sluice_control: 'c',
  sluice_worker: 'w',
  sluice_verifier: 'v',
};

const optionsFor = (adminUrl: string, fields: Partial<SeedOptions> = {}): SeedOptions => ({
  side: 'source',
  rolesFile: join(__dirname, '..', '..', 'docs', 'guide', 'roles.sql'),
  passwords,
  sharedServer: true,
  adminUrl,
  tables: ['public.one', 'public.two'],
  directory,
  rows: 3,
  seed: 5,
  ...fields,
});

const script = (text: string): void => writeFileSync(join(directory, 'rehearsal.sql'), text);

test('the script creates the tables as the application, and Sluice may read them', async () => {
  script(`CREATE TABLE one AS SELECT n, current_setting('sluice.seed') AS seed FROM generate_series(1, current_setting('sluice.rows')::int) AS n;
    CREATE TABLE two ()`);
  const url = await freshDatabase(server);
  expect(await seed(optionsFor(url))).toBe(true);
  const worker = loginUrl(url, 'sluice_worker', passwords.sluice_worker);
  expect(await runSql(worker, 'SELECT count(*)::int AS rows, min(seed) AS seed FROM public.one')).toEqual([
    { rows: 3, seed: '5' },
  ]);
  expect(await runSql(url, "SELECT tableowner FROM pg_tables WHERE tablename = 'one'")).toEqual([
    { tableowner: 'app_owner' },
  ]);
});

test('uses existing tables unchanged, independent of their owner', async () => {
  script('CREATE TABLE one (); CREATE TABLE two ()');
  const url = await freshDatabase(server);
  await runSql(
    url,
    'CREATE ROLE shop_owner; CREATE TABLE one (id int); CREATE TABLE two (); ALTER TABLE one OWNER TO shop_owner',
  );
  expect(await seed(optionsFor(url))).toBe(false);
  await runSql(loginUrl(url, 'sluice_worker', passwords.sluice_worker), 'SELECT id FROM public.one');
  const owner = loginUrl(url, 'sluice_owner', passwords.sluice_owner);
  expect(await runSql(owner, "SELECT pg_has_role('shop_owner', 'USAGE') AS acts")).toEqual([{ acts: true }]);
});

test('rolls a failed script back completely', async () => {
  script('CREATE TABLE one (); SELECT 1 / 0');
  const url = await freshDatabase(server);
  await expect(seed(optionsFor(url))).rejects.toThrow(/rehearsal\.sql failed: division by zero/);
  expect(await runSql(url, "SELECT to_regclass('public.one') AS one")).toEqual([{ one: null }]);
});

test('names the missing tables, and the script that must create them', async () => {
  const url = await freshDatabase(server);
  await expect(seed(optionsFor(url))).rejects.toThrow(
    /does not have public\.one, public\.two\. Write .*rehearsal\.sql, which creates and fills them/,
  );
  await runSql(url, 'CREATE TABLE one ()');
  await expect(seed(optionsFor(url))).rejects.toThrow(/has public\.one, but not public\.two/);
});

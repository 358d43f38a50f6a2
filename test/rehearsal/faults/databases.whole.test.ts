/** Injects faults into a real database, and checks that they end. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SkewedClocks } from '../../../src/rehearsal/faults/clock-skew';
import {
  CAN_DISTURB_DATABASE,
  DatabaseFaults,
  type InjectionSides,
} from '../../../src/rehearsal/faults/databases';
import type { Call } from '../../../src/rehearsal/faults/proxy/call';
import { filesContaining, plantCanaries } from '../../../src/rehearsal/observer/canaries';
import { freshDatabase, runSql, startTestPostgres, type TestPostgres } from 'local-aws/testing';

let server: TestPostgres;
let url: string;
let restarts: number;
let faults: DatabaseFaults;
let sides: InjectionSides;

beforeAll(async () => {
  server = await startTestPostgres();
});
afterAll(() => server.stop());
beforeEach(async () => {
  url = await freshDatabase(server);
  await runSql(url, 'CREATE TABLE t (id int PRIMARY KEY, note text, state text CHECK (state < $$b$$))');
  await runSql(url, "INSERT INTO t VALUES (1, 'one', 'a')");
  restarts = 0;
  const side = {
    ...{ adminUrl: url, clusterArn: 'arn:cluster', tables: ['public.t'] },
    restart: async () => void (restarts += 1),
  };
  sides = { source: side, target: { ...side, clusterArn: 'arn:target', restart: null } };
  faults = new DatabaseFaults(sides);
});

const insert = (id: number): Promise<string> =>
  runSql(url, `INSERT INTO t (id) VALUES (${id})`).then(
    () => 'inserted',
    (error: { cause?: { code?: string } }) => String(error.cause?.code),
  );

test('a full disk refuses rows as PostgreSQL does, even in replica sessions, and recovers by itself', async () => {
  expect(await faults.inject('disk-full', 0)).toBe(true);
  expect(await insert(2)).toBe('53100');
  await expect(
    runSql(url, 'SET session_replication_role = replica; INSERT INTO t (id) VALUES (2)'),
  ).rejects.toThrow('No space left on device');
  await faults.close();
  expect(await insert(2)).toBe('inserted');
  expect(await runSql(url, "SELECT FROM pg_namespace WHERE nspname = 'rehearsal_faults'")).toEqual([]);
});

test('a full disk concerns only statements that insert into the target', () => {
  const call = (body: string): Call => ({
    ...{ service: 'rds-data', operation: 'Execute', functionName: 'f', ordinal: 1, environment: 'e1' },
    body: Buffer.from(body),
  });
  const concerned = (body: string) => CAN_DISTURB_DATABASE['disk-full'](call(body), sides);
  expect(concerned('{"resourceArn":"arn:target","sql":"INSERT INTO t"}')).toBe(true);
  expect(concerned('{"resourceArn":"arn:target","sql":"SELECT 1"}')).toBe(false);
  expect(concerned('{"resourceArn":"arn:cluster","sql":"INSERT INTO t"}')).toBe(false);
});

test('changes of the source are injected only once it is captured', async () => {
  expect(await faults.inject('ddl', 0)).toBe(false);
  expect(await faults.inject('disabled-trigger', 0)).toBe(false);
  await runSql(
    url,
    `CREATE SCHEMA sluice;
    CREATE FUNCTION sluice.note() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
    CREATE TRIGGER sluice_guard BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION sluice.note();`,
  );
  expect(await faults.inject('disabled-trigger', 0)).toBe(false);
  await runSql(url, 'CREATE TRIGGER sluice_capture AFTER INSERT ON t EXECUTE FUNCTION sluice.note()');
  expect(await faults.inject('disabled-trigger', 0)).toBe(true);
  expect(
    await runSql(
      url,
      "SELECT tgname::text, tgenabled::text FROM pg_trigger WHERE tgname ~ 'sluice' ORDER BY 1",
    ),
  ).toEqual([
    { tgname: 'sluice_capture', tgenabled: 'D' },
    { tgname: 'sluice_guard', tgenabled: 'O' },
  ]);
  await runSql(url, 'ALTER TABLE t ENABLE TRIGGER sluice_capture');
  expect(await faults.inject('ddl', 0)).toBe(true);
  expect(await runSql(url, 'SELECT added_by_rehearsal FROM t')).toHaveLength(1);
});

test('does not restart a user-provided server', async () => {
  expect(await faults.inject('restart-target', 0)).toBe(false);
  expect(await faults.inject('restart-source', 0)).toBe(true);
  await faults.close();
  expect(restarts).toBe(1);
});

test('a skewed clock changes dates, but not the clock that measures durations', () => {
  const directory = mkdtempSync(join(tmpdir(), 'sluice-skew-'));
  try {
    const clocks = new SkewedClocks(1, directory);
    const skews = Array.from({ length: 20 }, () => clocks.nextSkew('f'));
    const again = new SkewedClocks(1, directory);
    expect(skews).toEqual(Array.from({ length: 20 }, () => again.nextSkew('f')));
    const skew = skews.find((each) => each !== null && Math.abs(each.ms) > 60_000)!;
    const script = `console.log(JSON.stringify([Date.now(), +new Date(), Date.parse(Date()), +new Date(5),
      new Date() instanceof Date, performance.timeOrigin, process.env.NODE_OPTIONS ?? null]))`;
    const { stdout } = spawnSync(process.execPath, ['-e', script], {
      env: { PATH: process.env['PATH'], ...skew.variables },
      encoding: 'utf8',
    });
    const [now, constructed, parsed, given, isDate, origin, options] = JSON.parse(stdout) as number[];
    for (const time of [now!, constructed!, parsed!])
      expect(Math.abs(time - Date.now() - skew.ms)).toBeLessThan(30_000);
    expect([given, isDate, options]).toEqual([5, true, null]);
    expect(Math.abs(origin! - Date.now())).toBeLessThan(30_000);
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test('canaries are planted only in columns that accept them, and found in files even across chunks', async () => {
  const canaries = await plantCanaries(url, ['public.t'], 'test');
  expect(canaries).toHaveLength(1);
  expect(await runSql(url, 'SELECT note, state FROM t')).toEqual([{ note: canaries[0], state: 'a' }]);
  const directory = mkdtempSync(join(tmpdir(), 'sluice-canary-'));
  try {
    writeFileSync(join(directory, 'clean.log'), 'x'.repeat(200_000));
    writeFileSync(join(directory, 'leaked.log'), `${'x'.repeat(65_530)}${canaries[0]}`);
    expect(await filesContaining(directory, canaries)).toEqual([join(directory, 'leaked.log')]);
  } finally {
    rmSync(directory, { recursive: true });
  }
});

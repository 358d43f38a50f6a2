import { findLeftovers } from '../../../src/rehearsal/rehearse/find-leftovers';
import { freshDatabase, runSql, startTestPostgres, type TestPostgres } from 'local-aws/testing';

let server: TestPostgres;
beforeAll(async () => {
  server = await startTestPostgres();
});
afterAll(() => server.stop());

const trigger = (name: string) =>
  `CREATE TRIGGER ${name} BEFORE UPDATE ON public.orders FOR EACH ROW EXECUTE FUNCTION sluice.f()`;

test('only a sealed guard may stay on the source', async () => {
  const url = await freshDatabase(server);
  await runSql(
    url,
    `CREATE SCHEMA sluice; CREATE TABLE sluice.guard (migration text, side text, state text); CREATE TABLE sluice.guarded (table_name text);
     CREATE TABLE sluice.change_log (id int); CREATE TABLE public.orders (id int);
     CREATE FUNCTION sluice.f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
     INSERT INTO sluice.guard VALUES ('shop', 'source', 'sealed'); INSERT INTO sluice.guarded VALUES ('orders'); ${trigger('sluice_guard')}`,
  );
  expect(await findLeftovers(url, false)).toEqual([]);
  await runSql(
    url,
    `INSERT INTO sluice.change_log VALUES (1), (2); UPDATE sluice.guard SET state = 'open'; ${trigger('sluice_capture')}`,
  );
  expect(await findLeftovers(url, false)).toEqual([
    'Sluice left something on the source: trigger sluice_capture on orders',
    'Sluice left something on the source: 2 rows in sluice.change_log',
    'Sluice left something on the source: the guard of shop is open',
  ]);
});

test('leases and created objects of the target may stay in a database that is both', async () => {
  const url = await freshDatabase(server);
  await runSql(
    url,
    `CREATE SCHEMA sluice; CREATE TABLE sluice.guard (migration text, side text, state text);
     CREATE TABLE sluice.lease (scope text); CREATE TABLE sluice.created (name text); CREATE TABLE sluice.change_log (id int);
     INSERT INTO sluice.lease VALUES ('a'); INSERT INTO sluice.created VALUES ('a'); INSERT INTO sluice.change_log VALUES (1)`,
  );
  const inLog = 'Sluice left something on the source: 1 rows in sluice.change_log';
  expect(await findLeftovers(url, true)).toEqual([inLog]);
  expect(await findLeftovers(url, false)).toHaveLength(3);
});

/** Sluice installs only into a schema that is wholly its own: others could replace what later runs as its owner. */
import { DatabaseInstaller } from '../../src/adapters/postgres/installer';
import { versionedDatabase } from '../../src/adapters/postgres/versioned-database';
import { WrongState } from '../../src/core/errors';
import { pooledDatabase } from '../support/pg-database';
import type { Side } from '../support/side';
import { startLab, type Lab } from '../support/world';
import { LOGIN_NAMES } from '../support/side';

let lab: Lab;
let side: Side;
let owner: ReturnType<typeof pooledDatabase>;
beforeAll(async () => {
  lab = await startLab();
});
beforeEach(async () => {
  side = (await lab.trial({ tables: '' })).source;
  owner = pooledDatabase(side.as('sluice_owner'));
});
afterEach(async () => {
  await owner.close();
  await lab.endTrials();
});
afterAll(() => lab.stop());

const installation = async (): Promise<unknown> =>
  new DatabaseInstaller(versionedDatabase(owner), 'source', 'test')
    .install(LOGIN_NAMES)
    .catch((error: unknown) => error);

/** @param found what the refusal lists, in order */
async function expectRefusal(...found: string[]): Promise<void> {
  const error = await installation();
  expect(error).toBeInstanceOf(WrongState);
  expect((error as Error).message).toContain(`may not install into schema sluice: ${found.join('; ')}. `);
  expect((error as Error).message).toContain('ALTER SCHEMA sluice RENAME TO');
}

test.each([
  ['a role of the application', 'CREATE SCHEMA sluice AUTHORIZATION app_owner', 'app_owner'],
  ['a superuser', 'CREATE SCHEMA sluice', 'postgres'],
])('not into a schema of %s, whose rights the owner may have', async (_what, sql, other) => {
  await side.sql(sql);
  await side.sql('GRANT ALL ON SCHEMA sluice TO sluice_owner');
  const before = await side.schema();
  await expectRefusal(
    `schema sluice belongs to ${other}`,
    'sluice_owner may create objects in schema sluice',
  );
  expect(await side.schema()).toEqual(before);
});

test('not into its own schema while another login may create objects in it', async () => {
  await side.sql(
    'CREATE SCHEMA sluice AUTHORIZATION sluice_owner; GRANT CREATE ON SCHEMA sluice TO app, PUBLIC',
  );
  await expectRefusal(
    'app may create objects in schema sluice',
    'every login may create objects in schema sluice',
  );
});

test('not next to objects of others: every kind is named, with its owner', async () => {
  await side.sql(`CREATE SCHEMA sluice AUTHORIZATION sluice_owner; GRANT ALL ON SCHEMA sluice TO app_owner;
    SET ROLE app_owner; SET search_path = sluice;
    CREATE TABLE lease (scope text); CREATE SEQUENCE numbers; CREATE TYPE state AS ENUM ('a'); CREATE DOMAIN name AS int;
    CREATE FUNCTION own_guard_v1() RETURNS int LANGUAGE sql AS 'SELECT 1';
    CREATE OPERATOR === (LEFTARG = int, RIGHTARG = int, FUNCTION = pg_catalog.int4eq);
    RESET ROLE; REVOKE ALL ON SCHEMA sluice FROM app_owner`);
  await expectRefusal(
    'function sluice.own_guard_v1() belongs to app_owner',
    'operator sluice.===(integer,integer) belongs to app_owner',
    'sequence sluice.numbers belongs to app_owner',
    'table sluice.lease belongs to app_owner',
    'type sluice.name belongs to app_owner',
    'type sluice.state belongs to app_owner',
  );
});

test('not again once others have rights to triggers, or a trigger is on a table', async () => {
  expect(await installation()).toBeUndefined();
  await side.sql(`GRANT TRIGGER ON sluice.lease TO app;
    CREATE FUNCTION shop.f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
    CREATE TRIGGER watch BEFORE UPDATE ON sluice.guard FOR EACH ROW EXECUTE FUNCTION shop.f()`);
  await expectRefusal(
    'app has the right TRIGGER on table sluice.lease',
    'trigger watch on table sluice.guard runs function shop.f()',
  );
  await side.sql('DROP TRIGGER watch ON sluice.guard; REVOKE TRIGGER ON sluice.lease FROM app');
  expect(await installation()).toBeUndefined();
});

test('no capture starts, of a resumed migration either, once the schema has changed', async () => {
  const trial = await lab.trial({
    tables: 'CREATE TABLE t (id int PRIMARY KEY)',
    definition: { shape: 'cdc', fence: { seconds: 60 } },
  });
  await trial.begin();
  await trial.walk('prepare');
  await trial.source.sql('GRANT CREATE ON SCHEMA sluice TO app');
  await expect(trial.stage('start-capture')).rejects.toThrow(
    /schema sluice of the source is no longer .* app may create objects in schema sluice\. Revoke or drop .* then resume/,
  );
  expect(await trial.source.count('sluice.capture')).toBe(0);
  await trial.source.sql('REVOKE CREATE ON SCHEMA sluice FROM app');
  await trial.stage('start-capture');
});

test('the installation resolves no name by the path of its session', async () => {
  const database = new URL(side.url).pathname.slice(1);
  await side.sql(`ALTER ROLE sluice_owner IN DATABASE ${database} SET search_path = shop, pg_catalog;
    CREATE DOMAIN text AS int; CREATE DOMAIN int8 AS int; CREATE DOMAIN timestamptz AS int;
    GRANT USAGE ON SCHEMA shop TO PUBLIC`);
  expect(await installation()).toBeUndefined();
  const [planted] = await side.sql(
    `SELECT count(*)::int AS n FROM pg_attribute AS a JOIN pg_type AS t ON t.oid = a.atttypid
     WHERE a.attrelid::regclass::text LIKE 'sluice.%' AND t.typnamespace = 'shop'::regnamespace`,
  );
  expect(planted).toEqual({ n: 0 });
});

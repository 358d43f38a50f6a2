import { GRANTED_LOGINS, type Login } from '../../../src/contract/logins';
import type { Side } from '../../../src/contract/sides';
import type { Database } from '../../../src/adapters/postgres/database';
import { pgDatabase } from '../../support/pg-database';
import { createDatabase, freshDatabase, loginUrl, runSql } from 'local-aws/testing';
import { brief, Stage } from './stage';

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.start({ max_prepared_transactions: '2' });
});
afterAll(() => stage.stop());

const T = 'CREATE TABLE t (id int PRIMARY KEY)';

/** Connects to the ordinary databases, except for one login. */
const replacing =
  (side: Side, login: Login, database: Database) =>
  (requestedSide: Side, requestedLogin: Login): Database =>
    requestedSide === side && requestedLogin === login
      ? database
      : stage.connect(requestedSide, requestedLogin);

/** A worker whose server is described with facts that no test server can have. */
const claiming = (side: Side, claims: object): Database => {
  const real = stage.connect(side, 'worker');
  return {
    ...real,
    query: async (sql, parameters) => {
      const rows = await real.query(sql, parameters);
      const [row] = rows;
      if (typeof row?.facts !== 'string' || !row.facts.includes('inRecovery')) return rows;
      return [{ facts: JSON.stringify({ ...(JSON.parse(row.facts) as object), ...claims }) }];
    },
  };
};

test('a wrong password and a wrong database are reported, and the other checks continue', async () => {
  const wrong = (database: string, password: string): Database => {
    const url = new URL(loginUrl(stage.urls.source, 'sluice_owner', password));
    url.pathname = `/${database}`;
    return pgDatabase(url.toString());
  };
  const logins: Partial<Record<string, Database>> = {
    'source owner': wrong('postgres', 'not it'),
    'target worker': wrong('nowhere', 'replace me'),
  };
  const problems = await stage.problems({
    source: 'CREATE TABLE t (id int)',
    connect: (side, login) => logins[`${side} ${login}`] ?? stage.connect(side, login),
  });
  expect(brief(problems)).toEqual([
    expect.stringMatching(
      /^reachable: source owner: database app of .*source refuses .*source-owner: 28P01: .*password authentication failed/,
    ),
    expect.stringMatching(/^reachable: target worker: .*target-worker: 3D000: .*"nowhere" does not exist/),
    'usable-key: source table t: the table has no primary key',
  ]);
  expect(problems.map(({ remedy }) => remedy).slice(0, 2)).toEqual([
    "Put the login's current password into the secret",
    'Correct the name of the database in the definition',
  ]);
});

test('connecting to an unreachable server is retried, then reported', async () => {
  const unreachable = pgDatabase('postgres://user@127.0.0.1:1/none');
  const problems = await stage.problems({ source: T, connect: replacing('target', 'owner', unreachable) });
  expect(brief(problems)).toEqual([
    expect.stringMatching(/^reachable: target owner: .*TransientFailure: .*ECONNREFUSED/),
  ]);
});

test('a paused database that resumes is not a problem', async () => {
  let queries = 0;
  const real = stage.connect('source', 'owner');
  const unreachable = pgDatabase('postgres://user@127.0.0.1:1/none');
  const resuming: Database = {
    ...real,
    query: (...statement) => ((queries += 1) <= 2 ? unreachable : real).query(...statement),
  };
  expect(await stage.problems({ source: T, connect: replacing('source', 'owner', resuming) })).toEqual([]);
});

test.each([
  [{ version: 130_014 }, 'server-version: source: the server runs PostgreSQL 13 (130014)'],
  [{ version: 190_000 }, 'server-version: source: the server runs PostgreSQL 19 (190000)'],
  [{ version: 140_000 }, null],
  [
    { inRecovery: true },
    'server-writable: source: the server is in recovery: a reader or a secondary region',
  ],
])('a server described as %j', async (claims, found) => {
  const problems = await stage.problems({
    source: T,
    connect: replacing('source', 'worker', claiming('source', claims)),
  });
  expect(brief(problems)).toEqual(found === null ? [] : [found]);
});

test('an encoding other than UTF8 is refused', async () => {
  const name = `latin_${process.pid}`;
  await runSql(
    stage.server.superuserUrl,
    `CREATE DATABASE ${name} TEMPLATE template0 ENCODING 'SQL_ASCII' LOCALE_PROVIDER libc LOCALE 'C'`,
  );
  const latin = await createDatabase(stage.server.superuserUrl, name);
  const other = await stage.withDatabases(await freshDatabase(stage.server), latin);
  expect(brief(await other.problems({ source: T }))).toEqual([
    `encoding: target database ${name}: its encoding is SQL_ASCII`,
  ]);
});

const WRONG: Readonly<Record<string, string>> = {
  DateStyle: "'German, DMY'",
  TimeZone: "'Europe/Berlin'",
  IntervalStyle: 'iso_8601',
  extra_float_digits: '0',
  bytea_output: 'escape',
  lc_monetary: "'C.UTF-8'",
  search_path: 'public',
  default_transaction_isolation: "'repeatable read'",
  row_security: 'on',
  xmloption: 'document',
  session_replication_role: 'origin',
};

test.each([
  ['worker', Object.keys(WRONG)],
  ['verifier', Object.keys(WRONG).filter((setting) => setting !== 'session_replication_role')],
  ['control', ['search_path', 'default_transaction_isolation']],
])('every setting of the %s that is not pinned is reported with its statement', async (login, settings) => {
  const target = await freshDatabase(stage.server);
  const other = await stage.withDatabases(await freshDatabase(stage.server), target);
  const role = `sluice_${login}`;
  const database = new URL(target).pathname.slice(1);
  const change = (what: string) => runSql(target, `ALTER ROLE ${role} IN DATABASE ${database} ${what}`);
  for (const [setting, value] of Object.entries(WRONG)) await change(`SET ${setting} = ${value}`);
  const problems = await other.problems({ source: T });
  expect(problems.map(({ check, found }) => `${check}: ${found.split(' ')[0]}`)).toEqual(
    settings.map((setting) => `pinned-settings: ${setting}`),
  );
  await change('RESET ALL');
  for (const { remedy } of problems)
    await runSql(target, remedy.replace(`"${role}"`, `"${role}" IN DATABASE ${database}`));
  expect(await other.problems({ source: T })).toEqual([]);
});

test.each([
  ["'ISO, MDY'", 2],
  ["'ISO, DMY'", 1],
])('DateStyle %s and extra_float_digits %i are lossless, too', async (style, digits) => {
  const target = await freshDatabase(stage.server);
  const other = await stage.withDatabases(await freshDatabase(stage.server), target);
  const database = new URL(target).pathname.slice(1);
  for (const login of ['worker', 'verifier'])
    await runSql(
      target,
      `ALTER ROLE sluice_${login} IN DATABASE ${database} SET DateStyle = ${style};
       ALTER ROLE sluice_${login} IN DATABASE ${database} SET extra_float_digits = ${digits}`,
    );
  expect(await other.problems({ source: T })).toEqual([]);
});

test("the owner's path is pinned too, and before it is, preflight runs no function of others", async () => {
  const [source, target] = [await freshDatabase(stage.server), await freshDatabase(stage.server)];
  const other = await stage.withDatabases(source, target);
  await runSql(
    source,
    `CREATE TABLE public.ran (login name); GRANT INSERT ON public.ran TO PUBLIC;
     CREATE FUNCTION public.spy(oid, regclass) RETURNS boolean LANGUAGE plpgsql AS $f$
       BEGIN INSERT INTO public.ran VALUES (current_user); RETURN $1 OPERATOR(pg_catalog.=) $2::oid; END $f$;
     CREATE OPERATOR public.= (LEFTARG = oid, RIGHTARG = regclass, FUNCTION = public.spy)`,
  );
  const database = new URL(source).pathname.slice(1);
  await runSql(
    source,
    `ALTER ROLE sluice_owner IN DATABASE ${database} SET search_path = "$user", public;
     ALTER ROLE sluice_worker IN DATABASE ${database} SET search_path = public`,
  );
  const problems = await other.problems({ source: T });
  expect(problems.map(({ subject, found, remedy }) => ({ subject, found, remedy }))).toEqual([
    {
      subject: 'source owner',
      found: 'search_path is "\\"$user\\", public", not "pg_catalog, pg_temp"',
      remedy: 'ALTER ROLE "sluice_owner" SET search_path = pg_catalog, pg_temp',
    },
    {
      subject: 'source worker',
      found: 'search_path is "public", not "pg_catalog, pg_temp"',
      remedy: 'ALTER ROLE "sluice_worker" SET search_path = pg_catalog, pg_temp',
    },
  ]);
  expect(await runSql(source, 'SELECT FROM public.ran')).toEqual([]);
});

test.each(GRANTED_LOGINS)('neither a superuser nor the owner may be the %s', async (login) => {
  const superuser = pgDatabase(stage.urls.source);
  const problems = await stage.problems({
    source: T,
    connect: (side, each) => {
      if (each !== login) return stage.connect(side, each);
      return side === 'source' ? superuser : stage.connect(side, 'owner');
    },
  });
  const found = brief(problems).filter((text) => !text.startsWith('pinned-settings'));
  expect(found).toEqual([
    `separate-logins: source ${login}: login postgres is a superuser`,
    `separate-logins: target ${login}: login sluice_owner is both owner and ${login}`,
    `own-nothing: target table t: ${login} sluice_owner is the owner, app_owner, or a member of that role`,
  ]);
});

test('a login that is used as two is reported once, for every pair', async () => {
  const problems = await stage.problems({
    source: T,
    connect: (side, login) => stage.connect(side, login === 'owner' ? login : 'worker'),
  });
  const found = brief(problems).filter((text) => text.startsWith('separate-logins: source'));
  expect(found).toEqual([
    'separate-logins: source worker: login sluice_worker is both control and worker',
    'separate-logins: source verifier: login sluice_worker is both control and verifier',
    'separate-logins: source verifier: login sluice_worker is both worker and verifier',
  ]);
});

test('an owner without the rights to install is reported', async () => {
  const target = await freshDatabase(stage.server);
  const name = new URL(target).pathname.slice(1);
  const other = await stage.withDatabases(await freshDatabase(stage.server), target);
  await runSql(
    target,
    `REVOKE CREATE ON DATABASE ${name} FROM sluice_owner, app_owner; REVOKE TEMP ON DATABASE ${name} FROM PUBLIC`,
  );
  await runSql(target, 'CREATE SCHEMA sluice');
  expect(brief(await other.problems({ source: T }))).toEqual([
    'owner-may-install: target owner: login sluice_owner may not create a schema',
    'owner-may-install: target owner: schema sluice belongs to postgres',
  ]);
  const withFiles = await other.problems({ source: T, files: { 'a.sql': 'SELECT 1' } });
  expect(brief(withFiles)).toContain(
    'owner-may-install: target owner: login sluice_owner may not create temporary objects',
  );
});

test('prepared transactions are reported', async () => {
  await runSql(stage.urls.target, "BEGIN; CREATE TABLE public.held (); PREPARE TRANSACTION 'held'");
  const problems = await stage.problems({ source: T });
  await runSql(stage.urls.target, "ROLLBACK PREPARED 'held'");
  expect(brief(problems)).toEqual([
    expect.stringMatching(/^prepared-transactions: target database test_\d+_\d+: 1 prepared transaction/),
  ]);
});

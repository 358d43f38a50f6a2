/** A live migration that fails every check: no problem is hidden until another one is fixed. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Database } from '../../../src/adapters/postgres/database';
import type { FactsRequest } from '../../../src/adapters/postgres/facts';
import { PreflightFailed, type Problem } from '../../../src/core/errors';
import { pgDatabase } from '../../support/pg-database';
import { createDatabase, freshDatabase, loginUrl, runSql } from 'local-aws/testing';
import { Side } from '../../support/side';
import { altered, endpoint, Stage, type Case } from './stage';

let stage: Stage;
const sides: Side[] = [];
beforeAll(async () => {
  const server = await Stage.start({ max_prepared_transactions: '2', wal_level: 'logical' });
  const latin = `latin_${process.pid}`;
  await runSql(
    server.server.superuserUrl,
    `CREATE DATABASE ${latin} TEMPLATE template0 ENCODING 'SQL_ASCII' LOCALE_PROVIDER libc LOCALE 'C'`,
  );
  stage = await server.withDatabases(
    await freshDatabase(server.server),
    await createDatabase(server.server.superuserUrl, latin),
  );
});
afterAll(async () => {
  for (const side of sides) await side.close();
  await stage.stop();
});

const WIDE = Array.from({ length: 300 }, (_, index) => `${'wide_'.repeat(11)}${index} text`).join(', ');
const TRIGGER = `CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'`;

const TERRIBLE: Case = {
  source: `
    CREATE TABLE same (id int PRIMARY KEY);
    CREATE VIEW seen AS SELECT 1 AS id;
    CREATE TABLE mine (id int PRIMARY KEY);
    CREATE TABLE wide (id int PRIMARY KEY, ${WIDE});
    CREATE TABLE large (id int PRIMARY KEY, a text); ALTER TABLE large ALTER a SET STORAGE EXTERNAL;
    INSERT INTO large VALUES (1, repeat('x', 110000000));
    ALTER TABLE large ADD CONSTRAINT small CHECK (id < 1) NOT VALID;
    CREATE TYPE mood AS ENUM ('sad');
    CREATE TABLE orders (mood mood, f float8, at timestamptz, note text, n int8, numbered int, lost text, r int4range,
      parent int);
    CREATE TABLE referring (id int REFERENCES large);
    INSERT INTO orders (f, note) VALUES (1, 'a');
    ${TRIGGER}; CREATE TRIGGER sluice_guard BEFORE INSERT ON orders FOR EACH ROW EXECUTE FUNCTION f('earlier', '')`,
  sourceAfter: 'ALTER TABLE {case}.mine OWNER TO sluice_worker',
  target: `
    CREATE TABLE same (id int PRIMARY KEY);
    CREATE TABLE seen_too (id int PRIMARY KEY);
    CREATE TABLE mine_too (id int PRIMARY KEY); ALTER TABLE mine_too ENABLE ROW LEVEL SECURITY;
    CREATE TABLE wide_too (id int PRIMARY KEY, ${WIDE});
    CREATE TABLE large_too (id int PRIMARY KEY, a text, CONSTRAINT small CHECK (id < 1)); CREATE RULE ruled AS ON UPDATE TO large_too DO INSTEAD NOTHING;
    CREATE TYPE mood AS ENUM ('sad'); CREATE FUNCTION mood(text) RETURNS mood LANGUAGE sql AS $f$ SELECT 'sad'::{case}.mood $f$;
    CREATE CAST (text AS mood) WITH FUNCTION mood(text);
    CREATE TABLE orders_too (mood mood, f float8, at timestamp, note text UNIQUE DEFERRABLE, n int4,
      numbered int GENERATED ALWAYS AS IDENTITY, r int4range, parent int, clock text, given text,
      made int GENERATED ALWAYS AS (1) STORED, CONSTRAINT apart EXCLUDE USING gist (r WITH &&));
    INSERT INTO orders_too (n) VALUES (1);
    ${TRIGGER}; CREATE TRIGGER always BEFORE INSERT ON orders_too FOR EACH ROW EXECUTE FUNCTION f();
    ALTER TABLE orders_too ENABLE ALWAYS TRIGGER always`,
  targetAfter: `REVOKE UPDATE ON {case}.orders_too FROM sluice_worker; GRANT SELECT ON {case}.orders_too TO sluice_control;
    CREATE SUBSCRIPTION mirror CONNECTION 'host=nowhere' PUBLICATION p WITH (connect = false);
    INSERT INTO pg_subscription_rel (srsubid, srrelid, srsubstate)
    SELECT oid, '{case}.orders_too'::regclass, 'r' FROM pg_subscription WHERE subname = 'mirror'`,
  tables: [
    { source: 'same', target: 'same' },
    { source: 'gone', target: 'gone_too' },
    { source: 'seen', target: 'seen_too' },
    { source: 'mine', target: 'mine_too' },
    { source: 'wide', target: 'wide_too' },
    { source: 'large', target: 'large_too' },
    {
      source: 'orders',
      target: 'orders_too',
      key: ['f'],
      omit: ['nickname'],
      chunking: { by: 'at' },
      columns: { clock: { sql: 'now()::text' }, made: { sql: 'n::int4' } },
      rowFunction: {
        reads: ['note'],
        writes: ['given'],
        apply: () => {
          throw new Error('never');
        },
      },
      existingRows: 'replace',
    },
  ],
  files: { 'a.sql': 'SELECT 1' },
  definition: { shape: 'cdc', target: { test: endpoint('source') } },
};

/** Makes the databases themselves fail their checks. */
async function spoil(): Promise<void> {
  const [source, target] = [new Side(stage.urls.source), new Side(stage.urls.target)];
  sides.push(source, target);
  await runSql(source.url, 'CREATE PUBLICATION everything FOR ALL TABLES');
  await runSql(source.url, "SELECT pg_create_logical_replication_slot('reader', 'pgoutput')");
  await runSql(
    source.url,
    `CREATE ROLE nosy LOGIN; GRANT sluice_worker TO nosy; CREATE SCHEMA sluice AUTHORIZATION sluice_owner; CREATE TABLE sluice.old ()`,
  );
  const database = new URL(target.url).pathname.slice(1);
  await runSql(target.url, `ALTER ROLE sluice_worker IN DATABASE ${database} SET timezone = 'Asia/Tokyo'`);
  await runSql(target.url, "BEGIN; CREATE TABLE public.held (); PREPARE TRANSACTION 'held'");
  const visitor = await source.session('sluice_worker');
  await visitor.query("SET application_name = 'psql'");
  const writer = await source.session('superuser');
  await writer.query(`BEGIN; LOCK TABLE ${stage.schema}.orders IN ROW EXCLUSIVE MODE`);
}

/** The source's worker describes a server that no test can start; the target's owner has a wrong password. */
const connect: FactsRequest['connect'] = (side, login) => {
  if (side === 'target' && login === 'owner')
    return pgDatabase(loginUrl(stage.urls.target, 'sluice_owner', 'not it'));
  const withoutAgeLimit = altered(stage.connect(side, login), (sql) =>
    sql
      .replaceAll(':ageSeconds', '-1')
      .replace("'toastBytes', leaf.toast_bytes", `'toastBytes', leaf.toast_bytes * 50`)
      .replace("'rowsEstimated', leaf.rows_estimated", `'rowsEstimated', 50000`),
  );
  if (side === 'source' && login === 'owner') return claiming(withoutAgeLimit, { seesOtherSessions: false });
  return side === 'source' && login === 'worker'
    ? claiming(withoutAgeLimit, { version: 130_000, inRecovery: true })
    : withoutAgeLimit;
};

const claiming = (real: Database, claims: object): Database => ({
  ...real,
  query: async (sql, parameters) => {
    const rows = await real.query(sql, parameters);
    const facts = rows[0]?.facts;
    if (typeof facts !== 'string' || !facts.includes('inRecovery')) return rows;
    return [{ facts: JSON.stringify({ ...(JSON.parse(facts) as object), ...claims }) }];
  },
});

const CHECKS = 'src/core/preflight';

/** The remedy of each check. */
const REMEDIES: Readonly<Record<string, RegExp>> = {
  reachable: /^Put the login's current password into the secret$/,
  'server-version': /^Use PostgreSQL 14 to 18$/,
  'server-writable': /^Give the ARN of the cluster whose writer owns the tables/,
  encoding: /^Use a database with ENCODING UTF8$/,
  'separate-logins': /^REVOKE "sluice_worker" FROM "nosy"|^End that session/,
  'pinned-settings': /^ALTER ROLE "sluice_worker" SET TimeZone = 'UTC'$/,
  'owner-may-install': /ALTER SCHEMA sluice RENAME TO …$/,
  'visible-sessions': /^GRANT pg_monitor TO "sluice_owner"$/,
  'prepared-transactions': /^COMMIT PREPARED or ROLLBACK PREPARED/,
  publications: /^Name the tables: drop "everything"/,
  'schema-files': /^Drop the tables that exist/,
  'distinct-tables': /^Map it to another table/,
  'table-exists': /^Correct its name, or create it$/,
  'table-kind': /^Map the underlying table$/,
  'other-migrations': /^Finish or abort migration earlier/,
  'reserved-names': /^ALTER TRIGGER "sluice_guard" ON … RENAME TO …$/,
  replication: /^DROP SUBSCRIPTION "mirror"/,
  'own-nothing': /^Remove "sluice_worker" from role "sluice_worker"/,
  'owner-acts-for-tables': /^GRANT "sluice_worker" TO "sluice_owner", with INHERIT$/,
  grants:
    /^GRANT UPDATE ON .*"orders_too" TO "sluice_worker"$|^REVOKE SELECT ON .*"orders_too" FROM "sluice_control"/,
  'row-security': /^ALTER ROLE "sluice_(worker|verifier)" BYPASSRLS$/,
  'known-columns': /^Correct the name; did you mean \w+\?$/,
  'usable-key': /^(Create one|SET NOT NULL|Name the columns)/,
  'key-types': /^Choose another unique key/,
  'key-order': /^Give it the same type and collation/,
  'chunk-order': /^(Create a btree index|SET NOT NULL)/,
  'target-columns': /^Add it, map the source column to another column/,
  'column-types': /^Make it .* or a wider type/,
  'text-casts': /^DROP CAST \(text AS .*mood\); if the application needs it, create it WITH INOUT$/,
  'computed-columns': /^Remove it from the mapping/,
  expressions: /^Use immutable functions/,
  'row-function': /^Fix the function/,
  'settable-columns': /SET GENERATED BY DEFAULT until the migration is finished$/,
  sequences: /^Add the default or identity after the migration/,
  'row-width': /^Omit columns/,
  'row-size': /^Omit the large column/,
  'chunk-size': /^Set chunking\.rows to \d+\. /,
  'foreign-keys': /^Map .*"referring" too, or move the constraint at the flip/,
  'unchecked-rows': /VALIDATE CONSTRAINT "small", or add it to the target once/,
  'deferrable-constraints': /^Make it NOT DEFERRABLE/,
  'exclusion-constraints': /^Drop it in the target and add it after/,
  'silent-triggers': /ENABLE TRIGGER "always"/,
  'write-rules': /^DROP RULE "ruled", and create it again once the migration is done/,
  'empty-target': /^Empty it, and remove existingRows: 'replace'$/,
  'long-transactions': /pg_terminate_backend/,
};

test('every check reports its problem and remedy at once, and every check is documented', async () => {
  await stage.facts(TERRIBLE);
  await spoil();
  const problems = stage.check(await stage.gather({ ...TERRIBLE, connect }));
  const of = (check: string): Problem[] => problems.filter((problem) => problem.check === check);
  expect(Object.keys(REMEDIES).filter((check) => of(check).length === 0)).toEqual([]);
  for (const { check, remedy } of problems)
    expect({ check, remedy }).toEqual({
      check,
      remedy: expect.stringMatching(REMEDIES[check] ?? /^never$/) as string,
    });
  const { message } = new PreflightFailed('move', problems);
  for (const { subject, found, remedy, check } of problems)
    expect(message).toContain(`${subject}: ${found}. ${remedy} [${check}]`);
  expect(message).not.toContain('never');
  const checks = readdirSync(CHECKS).flatMap((file) =>
    [...readFileSync(join(CHECKS, file), 'utf8').matchAll(/check: '([a-z-]+)'/g)].map(([, check]) => check!),
  );
  const documented = [...readFileSync('docs/guide/preflight.md', 'utf8').matchAll(/^\| `([a-z-]+)` +\|/gm)];
  expect([...new Set(checks)].sort()).toEqual(Object.keys(REMEDIES).sort());
  expect(documented.map(([, check]) => check).sort()).toEqual(Object.keys(REMEDIES).sort());
});

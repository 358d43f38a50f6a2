/** Each login may do what it is for, and nothing else. */
import { DatabaseError, type Client } from 'pg';
import { INSTALLED_VERSION } from '../../src/contract/versions';
import { LOGINS } from '../../src/contract/logins';
import type { LoginName } from '../support/side';
import { startLab, type Lab, type Trial } from '../support/world';

type Grantee = Exclude<LoginName, 'superuser' | 'app_owner' | 'sluice_owner'>;

/** The installed functions that each login may execute; every other one is refused. */
const MAY_EXECUTE: Readonly<Record<Grantee, readonly string[]>> = {
  app: [],
  sluice_control: [
    ...['advance_sequence', 'arm_guard', 'guard_changes', 'changed_tables', 'close_lease', 'close_leases'],
    ...['disarm_guard', 'fence_obstacles'],
    ...['install_lease', 'plan_leases', 'plan_partition', 'revoke_leases', 'sequence_position', 'set_guard'],
  ],
  sluice_worker: [
    ...[
      'apply_each',
      'apply_rounds',
      'assert_source_session',
      'assert_target_session',
      'captures',
      'enqueue',
    ],
    ...['forget_entries', 'park_row', 'parking_assignments', 'parking_value', 'raise_key_in_no_chunk'],
  ],
  sluice_verifier: ['assert_source_session'],
};

/** The rights of each login on Sluice's tables; `(…)`: on these columns only. */
const MAY_USE: Readonly<Record<Grantee, readonly string[]>> = {
  app: [],
  sluice_control: ['guard: SELECT', 'guarded: SELECT'],
  sluice_worker: [
    'capture: SELECT',
    'change_log: SELECT',
    'lease: SELECT',
    'lease: UPDATE (cursor, seq)',
    'skipped: DELETE, INSERT, SELECT',
    'slice: DELETE, INSERT, SELECT, UPDATE',
    'touch: INSERT, SELECT, UPDATE',
  ],
  sluice_verifier: ['lease: SELECT', 'touch: SELECT'],
};

const GRANTEES = Object.keys(MAY_EXECUTE) as Grantee[];

let lab: Lab;
let trial: Trial;
let functions: { name: string; call: string }[];
beforeAll(async () => {
  lab = await startLab();
  trial = await lab.trial({
    tables: 'CREATE TABLE t (id int PRIMARY KEY, v text)',
    seed: `INSERT INTO t SELECT i, 'row' FROM generate_series(1, 300) AS i`,
    definition: { shape: 'cdc' },
  });
  await trial.begin();
  await trial.walk('plan');
  await trial.source.sql(`UPDATE t SET v = 'changed' WHERE id = 7`, 'app');
  functions = await trial.source.sql(
    `SELECT p.proname::text AS name, format('SELECT %s(%s)', p.oid::regproc,
       (SELECT string_agg(format('NULL::%s', format_type(a.type, NULL)), ', ' ORDER BY a.n)
        FROM unnest(p.proargtypes::oid[]) WITH ORDINALITY AS a(type, n))) AS call
     FROM pg_proc AS p WHERE p.pronamespace = 'sluice'::regnamespace AND p.prorettype <> 'trigger'::regtype`,
  );
  expect(functions.length).toBeGreaterThan(40);
});
afterAll(() => lab.stop());

const sessions = new Map<string, Client>();
const plain = (name: string) => name.replace(`_v${INSTALLED_VERSION}`, '');

/** SQLSTATE with which a login's statement fails; null if it succeeds. */
async function refusal(sql: string, login: LoginName, side: 'source' | 'target' = 'source') {
  const key = `${side} ${login}`;
  const session = sessions.get(key) ?? (await trial[side].session(login));
  sessions.set(key, session);
  await session.query('BEGIN');
  const error: unknown = await session.query(sql).catch((thrown: unknown) => thrown);
  await session.query('ROLLBACK');
  return error instanceof DatabaseError ? error.code : null;
}

test.each(GRANTEES)('%s may execute its functions, and every other one is refused', async (login) => {
  const may: string[] = [];
  for (const { name, call } of functions) if ((await refusal(call, login)) !== '42501') may.push(plain(name));
  expect(may.sort()).toEqual([...MAY_EXECUTE[login]].sort());
});

test.each(GRANTEES)("%s has its rights on Sluice's tables, and no others", async (login) => {
  const rights = await trial.source.sql<{ line: string }>(`
    SELECT c.relname || ': ' || string_agg(a.privilege_type, ', ' ORDER BY a.privilege_type) AS line
    FROM pg_class AS c CROSS JOIN LATERAL aclexplode(c.relacl) AS a
    WHERE c.relnamespace = 'sluice'::regnamespace AND a.grantee IN (0, '${login}'::regrole) GROUP BY c.relname
    UNION ALL
    SELECT c.relname || ': ' || x.privilege_type || ' (' || string_agg(t.attname, ', ' ORDER BY t.attname) || ')'
    FROM pg_class AS c JOIN pg_attribute AS t ON t.attrelid = c.oid CROSS JOIN LATERAL aclexplode(t.attacl) AS x
    WHERE c.relnamespace = 'sluice'::regnamespace AND x.grantee IN (0, '${login}'::regrole)
    GROUP BY c.relname, x.privilege_type ORDER BY line`);
  expect(rights.map(({ line }) => line)).toEqual(MAY_USE[login]);
});

test.each(['source', 'target'] as const)(
  "control reads no table of the application's %s, no key, and no row of the log",
  async (side) => {
    for (const table of ['shop.t', 'sluice.change_log', 'sluice.lease', 'sluice.skipped', 'sluice.slice'])
      expect([table, await refusal(`SELECT FROM ${table}`, 'sluice_control', side)]).toEqual([
        table,
        '42501',
      ]);
    expect(await refusal('DELETE FROM shop.t', 'sluice_control', side)).toBe('42501');
  },
);

test('the worker deletes no entry of the log, except by its id', async () => {
  expect(await refusal('DELETE FROM sluice.change_log', 'sluice_worker')).toBe('42501');
  expect(await refusal('TRUNCATE sluice.change_log', 'sluice_worker')).toBe('42501');
});

test('the worker neither opens a lease nor makes one', async () => {
  const attempts = [
    'UPDATE sluice.lease SET open = true',
    'UPDATE sluice.lease SET token = 9',
    `INSERT INTO sluice.lease (scope, open) VALUES ('x', true)`,
    'DELETE FROM sluice.lease',
  ];
  for (const sql of attempts)
    expect([sql, await refusal(sql, 'sluice_worker', 'target')]).toEqual([sql, '42501']);
});

test('the verifier reads the rows of both ends, and writes to neither', async () => {
  for (const side of ['source', 'target'] as const) {
    expect(await refusal('SELECT FROM shop.t', 'sluice_verifier', side)).toBeNull();
    for (const sql of ['DELETE FROM shop.t', "UPDATE shop.t SET v = ''", 'INSERT INTO shop.t VALUES (0)'])
      expect([sql, await refusal(sql, 'sluice_verifier', side)]).toEqual([sql, '42501']);
  }
});

test('no login but the owner owns anything', async () => {
  for (const side of ['source', 'target'] as const) {
    const owners = await trial[side].sql<{ owner: string }>(`
      SELECT DISTINCT relowner::regrole::text AS owner FROM pg_class UNION SELECT proowner::regrole::text FROM pg_proc
      UNION SELECT nspowner::regrole::text FROM pg_namespace UNION SELECT typowner::regrole::text FROM pg_type`);
    const names = owners.map(({ owner }) => owner);
    expect(LOGINS.filter((login) => names.includes(`sluice_${login}`))).toEqual(['owner']);
  }
});

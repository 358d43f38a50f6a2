/** No installed function and no statement controls anything without proving whose call it is. */
import { INSTALLED_VERSION } from '../../src/contract/versions';
import { FUNCTION_NAMES, versioned } from '../../src/adapters/postgres/installed-version';
import { FUNCTIONS } from '../../src/adapters/postgres/install/functions';
import { installStatements } from '../../src/adapters/postgres/install';
import * as statements from '../../src/adapters/postgres/sql/statements';
import { statementsOn } from '../../src/adapters/postgres/statement-sizes';
import { shapeNames } from '../../src/contract/lifecycle';
import { SAMPLE_LAYOUT } from '../support/sample-layout';
import { startLab, type Lab } from '../support/world';
import { LOGIN_NAMES } from '../support/side';

const AUTHORITY = ['p_owner', 'p_migration', 'p_side', 'p_generation', 'p_epoch'];

/** Installed functions that need no authority, each with the reason. */
const WITHOUT: Readonly<Record<string, string>> = {
  // Parts of controlling functions, which no login may call.
  has_guard: 'a part: reads whether there is a guard',
  assert_own_scope: 'a part of plan_leases and plan_partition: compares',
  close_scopes: 'a part of revoke_leases and close_leases',
  tables_sharing_relations: 'a part of register: reads',
  drop_guard: 'a part of uninstall and forget_guard',
  drop_triggers: 'a part of drop_guard and disarm_guard',
  ensure_triggers: 'a part of set_guard and arm_guard',
  may_change_guard: 'a part of set_guard: reads',
  write_guard: 'a part of set_guard',
  passing_rows: 'a part of set_guard: computes',
  lock_obstacles: 'a part of fence_obstacles: reads',
  opening_obstacle: 'a part of fence_obstacles: opens the guard, and undoes it',
  partition_versions: 'a part of set_guard: reads',
  partition_tree: 'a part: reads the catalog',
  is_filled: 'a part: reads',
  admit_partitions: 'a part of captures',
  trigger_versions: 'a part of set_guard: reads',
  structure_facts: 'a part of set_guard: reads',
  changed_facts: 'a part of set_guard: reads',
  type_parts: 'reads',
  type_fact: 'reads',
  triggers_of_guard: 'a part: reads',
  armed_tables: 'a part: reads',
  drop_capture: 'a part of stop_capture',
  lock_table: 'a part: locks until the caller ends',
  lock_tables: 'a part: locks until the caller ends',
  lock_tree: 'a part: locks until the caller ends',
  lock_trees: 'a part: locks until the caller ends',
  create_capture_function: 'a part of start_capture',
  create_capture_triggers: 'a part of start_capture',
  check_capture: 'a part of captures',
  capture_facts: 'a part: reads the catalog',
  expected_facts: 'a part: a constant',
  facts_hash: 'a part: computes',
  key_sql: 'a part: computes',
  is_hashable: 'a part: computes',
  over_cap_sql: 'a part: computes',
  over_cap_reason: 'a part: computes',
  inventory: 'a part: reads the catalog',
  is_empty: 'a part of note_empty: reads',
  truncate_tables: 'a part of uninstall',
  is_written_here: 'a part: reads the state of a transaction',
  still_created: 'a part of uninstall: reads',
  has_foreign_partition: 'a part of uninstall: reads',
  // Calls that control nothing.
  changed_tables: 'reads',
  refuse_changed_tables: 'a part of set_guard: reads',
  guard_changes: 'reads',
  assert_source_session: 'reads the settings of the session',
  assert_target_session: 'reads the settings of the session',
  raise_key_in_no_chunk: 'raises',
  captures: 'reads, and records a loss, which only stops the migration that the capture belongs to',
  enqueue: 'adds keys to one capture, which its random id names',
  forget_entries: 'deletes entries of one partition of a capture, which its random id names, by their ids',
  close_lease: 'closes one lease under the token that control installed',
  apply_each: 'writes rows with the rights of the caller, in a statement under a lease',
  apply_rounds: 'a part of apply_each',
  park_row: 'a part of apply_each',
  parking_assignments: 'a part: computes',
  parking_value: 'a part: computes',
};

let lab: Lab;
let functions: { name: string; arguments: string[]; body: string; path: string | null }[];
beforeAll(async () => {
  lab = await startLab();
  const { source } = await lab.trial({ tables: '' });
  for (const sql of installStatements(LOGIN_NAMES)) await source.sql(sql, 'sluice_owner');
  functions = await source.sql(
    `SELECT proname::text AS name, coalesce(proargnames, '{}') AS arguments, prosrc AS body,
       (SELECT setting FROM unnest(proconfig) AS setting WHERE starts_with(setting, 'search_path=')) AS path
     FROM pg_proc WHERE pronamespace = 'sluice'::regnamespace`,
  );
});
afterAll(() => lab.stop());

const plain = (name: string) => name.replace(`_v${INSTALLED_VERSION}`, '');
const carriesAuthority = ({ arguments: names }: { arguments: string[] }) =>
  AUTHORITY.every((name, index) => names[index] === name);

test('every installed function is known, under its version', () => {
  expect(functions.map(({ name }) => name).sort()).toEqual(
    FUNCTION_NAMES.map((name) => `${name}_v${INSTALLED_VERSION}`).sort(),
  );
});

test('every installed function that controls something takes owner, migration, side, generation and epoch first', () => {
  const without = functions.filter((each) => !carriesAuthority(each)).map(({ name }) => plain(name));
  expect(without.sort()).toEqual(Object.keys(WITHOUT).sort());
});

/** Installed functions that run in the caller's search path, each with the reason. */
const IN_THE_CALLERS_PATH: Readonly<Record<string, string>> = {
  assert_source_session: "reads the session's path",
  assert_target_session: "reads the session's path",
};

test('every function searches pg_catalog before the temporary objects of its caller', () => {
  const others = functions.filter(({ path }) => path !== 'search_path=pg_catalog, pg_temp');
  expect(others.map(({ name }) => plain(name)).sort()).toEqual(Object.keys(IN_THE_CALLERS_PATH).sort());
});

test('every function that takes an authority checks it', () => {
  const controlling = functions.filter(carriesAuthority);
  expect(controlling.length).toBeGreaterThan(10);
  const unchecked = controlling.filter(
    ({ name, body }) =>
      !['own_guard', 'succeed_guard'].includes(plain(name)) &&
      !/sluice\.(own_guard|assert_authority|sequence_position)_v/.test(body),
  );
  expect(unchecked.map(({ name }) => name)).toEqual([]);
});

/** Fixed statements that change something without an authority, each with the reason. */
const STATEMENTS_WITHOUT: Readonly<Record<string, string>> = {
  CLOSE_LEASE: 'closes one lease under its token',
  SKIP_TO_APPLIER: 'a data write under a lease',
  SKIP_ROW: 'a data write under a lease',
  DROP_SLICES: 'a data write under a lease',
  STAGE_SLICES: 'a data write under a lease',
  FORGET: 'deletes entries of one partition of a capture, which its random id names, by their ids',
  ENQUEUE: 'adds keys to one capture, which its random id names',
  RESERVE_GUARD: 'creates a guard in state none, which only refuses older calls of its own owner',
  DROP_UNUSED: 'drops the schema only if every guard in it was removed',
  CREATE_TRY: 'creates a function of the session',
  CREATE_RUN: 'creates a function in a transaction that is rolled back',
};
const CHANGES = /\b(INSERT INTO|UPDATE|DELETE FROM|TRUNCATE|DROP|CREATE|ALTER|GRANT|REVOKE)\b/;
const PROVES = /:owner\b[^]*:migration\b[^]*:side\b[^]*:generation\b[^]*:epoch\b/;
const controllingCall = new RegExp(
  `sluice\\.(${FUNCTION_NAMES.filter((name) => !(name in WITHOUT)).join('|')}|enqueue|forget_entries|close_lease)\\b`,
);

test('every fixed statement that changes something carries an authority, or is listed', () => {
  const without = Object.entries(statements)
    .map(([name, sql]) => [name, sql.replace(/'[^']*'/g, "''")] as const)
    .filter(([, sql]) => CHANGES.test(sql) || controllingCall.test(sql))
    .filter(([, sql]) => !(PROVES.test(sql) && controllingCall.test(sql)));
  expect(without.map(([name]) => name).sort()).toEqual(Object.keys(STATEMENTS_WITHOUT).sort());
});

const UNDER_A_LEASE = /WHERE scope = :scope AND token = :token AND seq = :seq - 1 AND open\b/;

test.each(shapeNames())(
  'every statement built per table that writes does so under a lease, shape %s',
  (shape) => {
    const writing = statementsOn(SAMPLE_LAYOUT, shape).filter(([, sql]) => CHANGES.test(sql));
    expect(writing.length).toBeGreaterThan(2);
    expect(writing.filter(([, sql]) => !UNDER_A_LEASE.test(sql)).map(([does]) => does)).toEqual([]);
  },
);

test('a statement of one version calls no function of another', () => {
  for (const sql of [...Object.values(statements), ...FUNCTIONS])
    expect(versioned(sql, 2)).not.toMatch(new RegExp(`sluice\\.(${FUNCTION_NAMES.join('|')})\\b`));
});

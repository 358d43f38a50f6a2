/** The last abort in a database drops schema sluice while another call of the same abort is in flight. */
import type { Database } from '../../src/adapters/postgres/database';
import { DatabaseGuard } from '../../src/adapters/postgres/guard';
import { DatabaseInstaller } from '../../src/adapters/postgres/installer';
import { DatabaseSideGuards } from '../../src/adapters/postgres/side-guards';
import { IS_INSTALLED } from '../../src/adapters/postgres/sql/statements';
import { versioned } from '../../src/adapters/postgres/installed-version';
import { versionedDatabase } from '../../src/adapters/postgres/versioned-database';
import { pgDatabase } from '../support/pg-database';
import { startLab, type Lab, type Trial } from '../support/world';

let lab: Lab;
let trial: Trial;
beforeAll(async () => {
  lab = await startLab();
});
beforeEach(async () => {
  trial = await lab.trial({ tables: 'CREATE TABLE t (id int PRIMARY KEY)' });
  await trial.begin();
  await trial.walk('prepare');
});
afterEach(() => lab.endTrials());
afterAll(() => lab.stop());

/** The owner's session, in which the schema is dropped as soon as it was found. */
function droppedOnceFound(): Database {
  const database = pgDatabase(trial.target.as('sluice_owner'));
  return versionedDatabase({
    ...database,
    query: async (sql, parameters) => {
      const rows = await database.query(sql, parameters);
      if (sql === versioned(IS_INSTALLED)) await trial.target.sql('DROP SCHEMA IF EXISTS sluice CASCADE');
      return rows;
    },
  });
}

test.each([
  ['the state of a guard', 'readGuard', null],
  ['the tables that were changed', 'changedTables', []],
  ['a revocation', 'revoke', undefined],
] as const)('%s is that of a database without guards', async (_, call, absent) => {
  const guard = new DatabaseGuard(droppedOnceFound(), 'target');
  expect(await guard[call](await trial.authority())).toEqual(absent);
});

test.each([
  ['stopCapture', undefined],
  ['uninstall', []],
] as const)('%s has nothing left to do', async (call, absent) => {
  const installer = new DatabaseInstaller(droppedOnceFound(), 'target', 'test');
  expect(await installer[call](await trial.authority())).toEqual(absent);
});

test('no guards are found', async () => {
  const found = await new DatabaseSideGuards(droppedOnceFound(), 'target').find(trial.name);
  expect(found).toMatchObject({ schemaOwner: null, guards: [] });
});

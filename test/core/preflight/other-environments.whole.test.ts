/** Two environments with the same endpoints: the second one is refused by name before anything is changed. */
import { DatabaseInstaller } from '../../../src/adapters/postgres/installer';
import { versionedDatabase } from '../../../src/adapters/postgres/versioned-database';
import { SIDES, type Side } from '../../../src/contract/sides';
import { OWNER, Stage, type Case } from './stage';
import { LOGIN_NAMES } from '../../support/side';

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.start();
});
afterAll(() => stage.stop());
afterEach(async () => {
  for (const side of SIDES) await stage.connect(side, 'owner').query('DROP SCHEMA IF EXISTS sluice CASCADE');
});

const INPUT: Case = { source: 'CREATE TABLE t (id int PRIMARY KEY)' };

/** Another control plane registers the latest case's table; its guard is open, so there is no trigger yet. */
async function register(side: Side, owner: string, migration: string, as: Side = side): Promise<void> {
  const database = versionedDatabase(stage.connect(side, 'owner'));
  const installer = new DatabaseInstaller(database, as, 'prod');
  await installer.install(LOGIN_NAMES);
  await installer.register(
    { owner, migration, generation: 3, epoch: 7 },
    [{ schema: stage.schema, name: 't' }],
    'sluice_worker',
  );
}

const found = async (): Promise<string[]> =>
  stage
    .check(await stage.gather(INPUT))
    .map(({ check, subject, found: what, remedy }) => `${check}: ${subject}: ${what}. ${remedy}`);

describe.each(SIDES)('the other environment shares only the %s', (side) => {
  test.each(['move', 'another'])('and its migration is called %s', async (migration) => {
    expect(await stage.problems(INPUT)).toEqual([]);
    await register(side, 'control-plane-2', migration);
    expect(await found()).toEqual([
      `other-migrations: ${side} table ${stage.schema}.t: control plane control-plane-2, environment prod, guards it as the ${side} of migration ${migration}: generation 3, open. ` +
        `Finish or abort migration ${migration} in environment prod; environment test, control plane ${OWNER}, may not touch its tables. If that control plane no longer exists, remove its guard as the runbook describes`,
    ]);
  });
});

test('a migration that was registered by this control plane continues', async () => {
  await stage.problems(INPUT);
  await register('source', OWNER, 'move');
  expect(await found()).toEqual([]);
});

test('another migration of this control plane, and its other side, are refused', async () => {
  await stage.problems(INPUT);
  await register('source', OWNER, 'another');
  await register('target', OWNER, 'move', 'source');
  expect((await found()).map((problem) => problem.replace(/\. Finish.*/, ''))).toEqual([
    `other-migrations: source table ${stage.schema}.t: control plane ${OWNER}, environment prod, guards it as the source of migration another: generation 3, open`,
    `other-migrations: target table ${stage.schema}.t: control plane ${OWNER}, environment prod, guards it as the source of migration move: generation 3, open`,
  ]);
});

test('a removed guard does not prevent a start', async () => {
  await stage.problems(INPUT);
  await register('source', 'control-plane-2', 'move');
  const installer = new DatabaseInstaller(
    versionedDatabase(stage.connect('source', 'owner')),
    'source',
    'prod',
  );
  await installer.register(
    { owner: 'control-plane-3', migration: 'other', generation: 1, epoch: 1 },
    [],
    'sluice_worker',
  );
  await installer.uninstall({ owner: 'control-plane-2', migration: 'move', generation: 3, epoch: 8 });
  expect(await found()).toEqual([]);
});

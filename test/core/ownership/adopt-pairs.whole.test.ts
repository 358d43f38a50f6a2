/** An adoption refuses two guards that were not registered as a pair: together they do not say which side serves. */
import { runSql } from 'local-aws/testing';
import { deployedDefinition } from '../../../src/adapters/deployed-definition';
import type { OwnershipWorld } from '../../../src/core/ownership/world';
import { startControlTable, type TestControlTable } from '../../support/control-table';
import { Side } from '../../support/side';
import { Lab, startLab, type Setup, type Trial } from '../../support/world';
import { adoptAll, bothOpen, OtherLedger } from './planes';

let lab: Lab;
let other: OtherLedger;
let table: TestControlTable;
let setup: Setup;
let migrations = 0;
beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => lab.stop());
beforeEach(async () => {
  setup = {
    tables: 'CREATE TABLE t (id int PRIMARY KEY, v text NOT NULL)',
    seed: `INSERT INTO t SELECT n, 'v' || n FROM generate_series(1, 250) AS n; ANALYZE`,
    definition: { name: `orders-${(migrations += 1)}`, fence: { minutes: 10 } },
  };
  [other, table] = await Promise.all([OtherLedger.start(), startControlTable()]);
});
afterEach(async () => {
  await lab.endTrials();
  await Promise.all([other.stop(), table.stop()]);
});

/** The ownership of a trial whose definition names another database as its target. */
const withOtherTarget = (trial: Trial): OwnershipWorld => ({
  ...other.ownership(trial),
  deployed: async () => {
    const deployed = await deployedDefinition(trial.definition, { environment: 'test', assetDirectory: '' });
    return { ...deployed, target: { ...deployed.target, database: 'another' } };
  },
});

/** A snapshot of the target, restored as a database of its own. */
async function cloneOf(trial: Trial): Promise<Side> {
  const url = new URL(trial.target.url);
  const from = url.pathname.slice(1);
  await trial.disconnect();
  await trial.target.close();
  await runSql(lab.server.superuserUrl, `CREATE DATABASE clone_${from} TEMPLATE ${from}`);
  await runSql(lab.server.superuserUrl, `GRANT CREATE ON DATABASE clone_${from} TO sluice_owner`);
  url.pathname = `/clone_${from}`;
  return new Side(url.href);
}

test('the guards of two migrations of one name', async () => {
  const finished = await lab.trial(setup);
  await finished.begin();
  await finished.walk('open');
  const elsewhere = new Lab(lab.server, table.client, async () => undefined);
  const running = await elsewhere.trial(setup);
  await running.begin();
  await running.walk('backfill');
  const mixed = lab.trialOn(finished.source, running.target, setup);
  await expect(adoptAll(withOtherTarget(mixed))).rejects.toThrow('same-pair');
  expect(await bothOpen(finished)).toEqual([false, true]);
  await elsewhere.endTrials();
});

test('a sealed source, and a copy of the target from before the flip', async () => {
  const trial = await lab.trial(setup);
  await trial.begin();
  await trial.walk('backfill');
  const clone = await cloneOf(trial);
  await trial.walk('open');
  const mixed = lab.trialOn(trial.source, clone, setup);
  await expect(adoptAll(withOtherTarget(mixed))).rejects.toThrow('same-pair');
  expect(await bothOpen(trial)).toEqual([false, true]);
});

test('the guards of a generation that a restored ledger does not know, and a copy of their target', async () => {
  const trial = await lab.trial(setup);
  await trial.begin();
  await trial.walk('backfill');
  await other.restoreFrom(lab.dynamodb);
  await trial.abort();
  await trial.begin('execution-2');
  await trial.walk('backfill');
  const clone = await cloneOf(trial);
  await trial.walk('open');
  const mixed = lab.trialOn(trial.source, clone, setup);
  await expect(adoptAll(withOtherTarget(mixed))).rejects.toThrow('same-pair');
  expect(await bothOpen(trial)).toEqual([false, true]);
});

/** A restored copy of a control table is a control plane of its own, which decides nothing before an adoption. */
import { RestoredLedger, ForeignOwner } from '../../../src/core/errors';
import { decideForgetting } from '../../../src/core/ownership/forget';
import { cutover } from '../../../src/core/stages/cutover';
import { prepare } from '../../../src/core/stages/prepare';
import { contextOf, type World } from '../../../src/core/world';
import { startLab, type Lab, type Setup } from '../../support/world';
import { revoke, undo } from '../../support/undo';
import { adoptAll, bothOpen, forgetWorld, OtherLedger } from './planes';

let lab: Lab;
beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => lab.stop());

let other: OtherLedger;
beforeEach(async () => {
  other = await OtherLedger.start();
});
afterEach(async () => {
  await lab.endTrials();
  await other.stop();
});

const SETUP: Setup = {
  tables: 'CREATE TABLE t (id int PRIMARY KEY, v text NOT NULL)',
  seed: `INSERT INTO t SELECT n, 'v' || n FROM generate_series(1, 250) AS n; ANALYZE`,
  definition: { fence: { minutes: 10 } },
};

const abort = async (world: World): Promise<void> => {
  await revoke(world, 'a test says so');
  await undo(world);
};

test('a restored ledger is refused although it has drawn the epochs of all guards', async () => {
  const trial = await lab.trial(SETUP);
  const before = await trial.source.content('t');
  await trial.begin();
  await trial.walk('backfill');
  await other.restoreFrom(lab.dynamodb);
  const world = other.world(trial);
  await expect(revoke(world, 'too early')).rejects.toThrow(/restored from a backup.*sluice adopt/);
  await expect(trial.begin('execution-2', world)).rejects.toThrow(RestoredLedger);
  await adoptAll(other.ownership(trial));
  await abort(world);
  expect([await trial.source.traces(), await trial.target.traces()]).toEqual([[], []]);
  expect([await trial.source.content('t'), await trial.target.count('t')]).toEqual([before, 0]);
});

test('a restored ledger that says that its generation was aborted starts the next one after an adoption', async () => {
  const trial = await lab.trial(SETUP);
  await trial.begin();
  await trial.walk('backfill');
  await trial.abort();
  await other.restoreFrom(lab.dynamodb);
  const world = other.world(trial);
  await expect(trial.begin('execution-2', world)).rejects.toThrow(RestoredLedger);
  expect(await adoptAll(other.ownership(trial))).toMatchObject({
    guards: [],
    adopted: { status: 'aborted' },
  });
  await trial.begin('execution-2', world);
  await trial.walk('open', world);
  expect(await bothOpen(trial)).toEqual([false, true]);
  expect(await trial.target.count('t')).toBe(250);
});

test('a copy of a ledger and its original, which both start the next generation, are two control planes', async () => {
  const trial = await lab.trial(SETUP);
  await trial.begin();
  await trial.walk('backfill');
  await trial.abort();
  await other.restoreFrom(lab.dynamodb);
  await adoptAll(other.ownership(trial));
  const world = other.world(trial);
  const copied = contextOf(world, await trial.begin('execution-2', world));
  await trial.begin('execution-3');
  await trial.walk('open');
  await trial.target.sql('INSERT INTO t VALUES (1000, $$of the application$$)', 'app');
  const assertServing = async () => {
    expect(await bothOpen(trial)).toEqual([false, true]);
    expect(await trial.target.count('t')).toBe(251);
  };
  await expect(prepare(copied)).rejects.toThrow(ForeignOwner);
  await assertServing();
  await abort(world);
  await assertServing();
});

test('a copy that does not know a migration starts it as a control plane of its own, and is refused', async () => {
  const trial = await lab.trial(SETUP);
  await trial.control.owner();
  await other.restoreFrom(lab.dynamodb);
  await trial.begin();
  await trial.walk('backfill');
  const world = other.world(trial);
  const context = contextOf(world, await trial.begin('execution-2', world));
  expect((await world.control.recordOrFail(trial.name)).owner).not.toBe(await trial.control.owner());
  await expect(prepare(context)).rejects.toThrow(ForeignOwner);
  await abort(world);
  await trial.begin('execution-3');
  await trial.walk('open');
  expect(await bothOpen(trial)).toEqual([false, true]);
  expect(await trial.target.count('t')).toBe(250);
});

test('an original whose generation a copy adopted and aborted can abort it, too, and start the next one', async () => {
  const trial = await lab.trial({
    ...SETUP,
    tables: `${SETUP.tables}; CREATE TABLE u (id int PRIMARY KEY)`,
    map: ['t'],
  });
  const neighbour = lab.trialOn(trial.source, trial.target, { map: ['u'] });
  const run = await trial.begin();
  await trial.walk('backfill');
  await neighbour.begin();
  await neighbour.walk('backfill');
  await other.restoreFrom(lab.dynamodb);
  await adoptAll(other.ownership(trial));
  const continued = () => cutover(contextOf(trial.world(), run));
  await expect(continued()).rejects.toThrow(/the fence on the source .* is gone/);
  await abort(other.world(trial));
  await expect(continued()).rejects.toThrow(/the fence on the source .* is gone/);
  await trial.abort();
  await trial.begin('execution-2');
  await trial.walk('open');
  expect(await bothOpen(trial)).toEqual([false, true]);
  expect(await trial.target.count('t')).toBe(250);
});

test('a restored ledger does not decide the flip', async () => {
  const trial = await lab.trial(SETUP);
  const run = await trial.begin();
  await trial.walk('seal');
  await other.restoreFrom(lab.dynamodb);
  const before = await other.control().recordOrFail(trial.name);
  await expect(cutover(contextOf(other.world(trial), run))).rejects.toThrow(RestoredLedger);
  expect(await other.control().recordOrFail(trial.name)).toEqual(before);
  await trial.walk('open');
  expect(await bothOpen(trial)).toEqual([false, true]);
});

test("a restored ledger does not release the original's guards", async () => {
  const trial = await lab.trial(SETUP);
  await trial.begin();
  await trial.abort();
  await other.restoreFrom(lab.dynamodb);
  await trial.begin('execution-2');
  await trial.walk('open');
  const { decision } = await decideForgetting(forgetWorld(trial, 'source', { control: other.control() }));
  expect(decision).toMatchObject({
    kind: 'refused',
    problems: [{ check: 'not-in-use', remedy: expect.stringContaining('sluice adopt') as string }],
  });
});

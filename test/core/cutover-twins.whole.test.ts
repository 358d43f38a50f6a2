/** Two invocations of the whole cutover at once, and a cancel that fails or is slow. */
import { TransientFailure } from '../../src/core/errors';
import { recordFailure } from '../../src/core/execution/record-failure';
import { cutover } from '../../src/core/stages/cutover';
import { cancelCutover } from '../../src/core/stages/cancel-cutover';
import { isOpen, LIVE, recordOf } from './live-setup';
import { hanger } from './one-chunk';
import { overriding, startLab, withEnd, type Lab, type Trial } from '../support/world';

let lab: Lab;
beforeAll(async () => {
  lab = await startLab();
});
afterEach(() => lab.endTrials());
afterAll(() => lab.stop());

const settled = (work: Promise<unknown>) =>
  work.then(String, (error: Error) => `${error.name}: ${error.message.slice(0, 90)}`);

async function ready(damage: boolean, seconds = 60): Promise<Trial> {
  const trial = await lab.trial({ ...LIVE, definition: { shape: 'cdc', fence: { seconds } } });
  await trial.begin();
  await trial.walk('catch-up');
  if (damage) {
    await trial.target.sql("UPDATE parent SET v = 'damaged' WHERE id = 42", 'sluice_worker');
  }
  for (const { table, chunk } of await trial.chunks())
    await trial.control.chunks.compareAgain({ migration: trial.name, generation: 1, table, chunk });
  return trial;
}

test('two concurrent invocations with an unequal chunk: neither fails', async () => {
  const trial = await ready(true);
  const outcomes = await Promise.all([
    settled(cutover(trial.context())),
    settled(
      new Promise((resolve) => setTimeout(resolve, 15 * Math.random())).then(() => cutover(trial.context())),
    ),
  ]);
  const { writes, cutoverAttempts } = await recordOf(trial);
  expect({ outcomes, writes, cutoverAttempts, open: await isOpen(trial.source) }).toEqual({
    outcomes: ['returned', 'returned'],
    writes: 'source',
    cutoverAttempts: 1,
    open: true,
  });
});

test('two concurrent invocations with equal chunks: both finish', async () => {
  const trial = await ready(false);
  const outcomes = await Promise.all([settled(cutover(trial.context())), settled(cutover(trial.context()))]);
  expect(outcomes).toEqual(['moved', 'moved']);
  await trial.walk('stop-capture');
});

test('a repetition while chunks are copied again keeps the source open', async () => {
  const trial = await ready(true, 4);
  expect(await cutover(trial.context())).toBe('returned');
  // The copier of the reopened chunk has started, so appliers leave the keys in its range.
  const reopened = (await trial.chunks()).find(({ state }) => state !== 'closed')!;
  const { hang, hangs, wake } = hanger();
  const world = trial.world();
  const slow = withEnd(world, 'target', ({ leases }) => ({
    leases: { close: (...closed) => hang(() => leases.close(...closed)) },
  }));
  const copying = settled(trial.copy(reopened.chunk, slow, reopened.table));
  await hangs;
  await trial.source.sql(`UPDATE parent SET v = 'meanwhile' WHERE id = 42`, 'app');
  const late = settled(cutover(trial.context()));
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  const open = await isOpen(trial.source);
  const outcome = await late;
  wake();
  await copying;
  const { writes, stage } = await recordOf(trial);
  expect({ open, outcome, writes, stage }).toEqual({
    ...{ open: true, outcome: 'returned', writes: 'source', stage: 'plan' },
  });
});

test('returning the writes on the second attempt after the seal unseals the source', async () => {
  const trial = await ready(false);
  await trial.walk('verify');
  const world = trial.world();
  let failures = 0;
  const faulty = withEnd(world, 'source', ({ guard }) => ({
    guard: {
      setGuard: async (authority, change) => {
        if (change.state === 'open' && failures++ === 0)
          throw new TransientFailure('no lock within the time');
        const result = await guard.setGuard(authority, change);
        // A change of the table that is noticed right after the seal.
        if (change.state === 'sealed')
          await trial.control.recordCaptureLoss(trial.name, 1, 'forward', 'a column was added');
        return result;
      },
    },
  }));
  const broken = withEnd(faulty, 'source', ({ log }) => ({
    log: {
      captures: async (...of) =>
        (await log.captures(...of)).map((capture) => ({
          ...capture,
          lost: failures < 0 ? null : capture.lost,
        })),
    },
  }));
  // The error of the seal is not transient; the give-back's is.
  const failing = withEnd(broken, 'target', () => ({
    leases: { closeAll: () => Promise.reject(new Error('the database refused a statement')) },
  }));
  const outcome = await cutover(trial.context(failing)).then(String, (error: Error) => error);
  const name = outcome instanceof Error ? outcome.name : outcome;
  if (name !== 'TransientFailure')
    await recordFailure(trial.world(), trial.name, 'execution-1', { Error: name, Cause: String(outcome) });
  else await cancelCutover(trial.context()).catch(() => undefined);
  const resumed = await settled(trial.begin('execution-2'));
  const { status, writes } = await recordOf(trial);
  expect({ name, status, writes, resumed, open: await isOpen(trial.source) }).toEqual({
    name,
    status,
    writes,
    resumed,
    open: true,
  });
});

test('when one invocation cancels slowly, the other fails, the migration is held, and the source is unsealed', async () => {
  const trial = await ready(false);
  await trial.walk('verify');
  const world = trial.world();
  // The first invocation, abandoned by Step Functions; after its error the writes are returned.
  const { hang, hangs, wake } = hanger();
  const failing = withEnd(world, 'source', ({ guard }) => {
    let reads = 0;
    return {
      guard: {
        readGuard: (name) =>
          reads++ === 1 ? Promise.reject(new Error('permission denied')) : guard.readGuard(name),
        setGuard: (authority, change) =>
          change.state === 'open'
            ? hang(() => guard.setGuard(authority, change))
            : guard.setGuard(authority, change),
      },
    };
  });
  // The second one seals before the first one's cancel, and notes it after.
  const sealed = hanger();
  const second = {
    ...world,
    control: overriding(world.control, {
      finishStage: (...finished) => sealed.hang(() => world.control.finishStage(...finished)),
    }),
  };
  const later = settled(cutover(trial.context(second)));
  await sealed.hangs;
  const zombie = settled(cutover(trial.context(failing)));
  await hangs;
  sealed.wake();
  const live = await later;
  await recordFailure(trial.world(), trial.name, 'execution-1', { Error: live.split(':')[0]!, Cause: live });
  wake();
  await zombie;
  const { writes } = await recordOf(trial);
  const guard = await trial.guard('source');
  expect({ live, writes, guard: guard?.state }).toEqual({
    live: 'returned',
    writes: 'source',
    guard: 'open',
  });
});

/** A cutover that is invoked again after writes were given back: because its response was lost, or its cancel failed once. */
import { TransientFailure } from '../../src/core/errors';
import { cancelCutover } from '../../src/core/stages/cancel-cutover';
import { cutover } from '../../src/core/stages/cutover';
import { hanger } from './one-chunk';
import { assertMoved, isOpen, LIVE, recordOf } from './live-setup';
import { startLab, withEnd, type Lab, type Trial } from '../support/world';

let lab: Lab;
beforeAll(async () => {
  lab = await startLab();
});
afterEach(() => lab.endTrials());
afterAll(() => lab.stop());

/** Ready for its cutover, with one row of the target damaged after the comparison: the cutover reopens that chunk. */
async function damaged(seconds = 60): Promise<Trial> {
  const trial = await lab.trial({ ...LIVE, definition: { shape: 'cdc', fence: { seconds } } });
  await trial.begin();
  await trial.walk('catch-up');
  await trial.target.sql("UPDATE parent SET v = 'damaged' WHERE id = 42", 'sluice_worker');
  // Something touched the chunk, so it is compared under the fence.
  for (const chunk of await trial.chunks())
    await trial.control.chunks.compareAgain({
      migration: trial.name,
      generation: 1,
      table: chunk.table,
      chunk: chunk.chunk,
    });
  return trial;
}

test('a repetition after a lost response fences nothing', async () => {
  const trial = await damaged(3);
  expect(await cutover(trial.context())).toBe('returned');
  expect(await isOpen(trial.source)).toBe(true);
  expect(await recordOf(trial)).toMatchObject({ writes: 'source', stage: 'plan', cutoverAttempts: 1 });
  // The application changes a row of the chunk that waits for its copier: no applier may apply it.
  await trial.source.sql(`UPDATE parent SET v = 'meanwhile' WHERE id = 42`, 'app');
  const startedMs = Date.now();
  const repeated = await cutover(trial.context()).catch((error: Error) => error.name);
  const closedMs = Date.now() - startedMs;
  const { writes, cutoverAttempts, stage } = await recordOf(trial);
  expect({ repeated, writes, cutoverAttempts, stage, paused: closedMs > 2_500 }).toEqual({
    repeated: 'returned',
    writes: 'source',
    cutoverAttempts: 1,
    stage: 'plan',
    paused: false,
  });
});

test('the lifecycle continues after it and finishes the migration', async () => {
  const trial = await damaged(3);
  expect(await cutover(trial.context())).toBe('returned');
  await trial.source.sql(`UPDATE parent SET v = 'meanwhile' WHERE id = 42`, 'app');
  await trial.walk('stop-capture');
  expect((await recordOf(trial)).cutoverAttempts).toBe(2);
  await assertMoved(trial);
});

test('a cancel that fails once after its decision is finished by the next invocation', async () => {
  const trial = await damaged();
  const world = trial.world();
  let failures = 0;
  const flaky = withEnd(world, 'source', ({ guard }) => ({
    guard: {
      setGuard: async (authority, change) => {
        if (change.state === 'open' && failures++ === 0)
          throw new TransientFailure('no lock within the time');
        return guard.setGuard(authority, change);
      },
    },
  }));
  await expect(cutover(trial.context(flaky))).rejects.toBeInstanceOf(TransientFailure);
  const repeated = await cutover(trial.context(flaky)).catch(
    (error: Error) => `${error.name}: ${error.message}`,
  );
  expect(repeated).toBe('returned');
  expect(await isOpen(trial.source)).toBe(true);
});

test('a second invocation that returns the writes does not make the first one fail', async () => {
  const trial = await damaged();
  await trial.walk('drain');
  const { hang, hangs, wake } = hanger();
  // It has compared, and is about to check whether the fence held.
  let reads = 0;
  const slow = withEnd(trial.world(), 'source', ({ guard }) => ({
    guard: {
      readGuard: (name) => ((reads += 1) === 3 ? hang(() => guard.readGuard(name)) : guard.readGuard(name)),
    },
  }));
  const sibling = cutover(trial.context(slow)).catch((error: Error) => error.name);
  await hangs;
  expect(await cutover(trial.context())).toBe('returned');
  wake();
  expect(await sibling).toBe('returned');
});

test('a repetition after a cancel returns, and the migration catches up and finishes', async () => {
  const trial = await damaged();
  await trial.walk('fence');
  await cancelCutover(trial.context());
  expect(await recordOf(trial)).toMatchObject({ writes: 'source', stage: 'backfill' });
  expect(await cutover(trial.context())).toBe('returned');
  expect(await recordOf(trial)).toMatchObject({ writes: 'source', stage: 'backfill', cutoverAttempts: 1 });
  await trial.walk('stop-capture');
  await assertMoved(trial);
});

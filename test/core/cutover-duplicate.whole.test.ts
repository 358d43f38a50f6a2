/**
 * Lambda runs an invocation of cutover twice. One of the two is slow: when it reads the ledger again, the other has given writes back
 * and has returned. The slow one must end without closing the source again: the machine has gone back to copying or catching up.
 */
import { cancelCutover } from '../../src/core/stages/cancel-cutover';
import { cutover } from '../../src/core/stages/cutover';
import type { World } from '../../src/core/world';
import { overriding, startLab, type Lab, type Trial } from '../support/world';
import { isOpen, LIVE, recordOf } from './live-setup';
import { hanger } from './one-chunk';

let lab: Lab;
beforeAll(async () => {
  lab = await startLab();
});
afterEach(() => lab.endTrials());
afterAll(() => lab.stop());

/** Stops before the first read of the record after a stage was recorded. */
function slowAfter(trial: Trial, event: string): { world: World; hangs: Promise<unknown>; wake: () => void } {
  const { hang, hangs, wake } = hanger();
  const world = trial.world();
  let armed = false;
  let hung = false;
  const journal = overriding(world.control.journal, {
    append: async (...entry) => {
      await world.control.journal.append(...entry);
      if (entry[2] === event) armed = true;
    },
  });
  const control = overriding(world.control, {
    journal: journal,
    recordOrFail: async (name: string) => {
      if (!armed || hung) return world.control.recordOrFail(name);
      hung = true;
      return hang(() => world.control.recordOrFail(name));
    },
  });
  return { world: { ...world, control }, hangs, wake };
}

async function caughtUp(): Promise<Trial> {
  const trial = await lab.trial(LIVE);
  await trial.begin();
  await trial.walk('catch-up');
  return trial;
}

const attempts = async (trial: Trial): Promise<number> =>
  (await trial.events()).filter((event) => event === 'fence intended').length;

test('after the machine cancels, a slow invocation does not fence again', async () => {
  const trial = await caughtUp();
  const { world, hangs, wake } = slowAfter(trial, 'drain finished');
  const slow = cutover(trial.context(world)).then(
    (verdict) => verdict as unknown,
    (error: unknown) => error,
  );
  await hangs;
  expect(await cancelCutover(trial.context())).toBe('cancelled');
  expect(await isOpen(trial.source)).toBe(true);
  wake();
  const ended = await slow;
  const { writes, stage } = await recordOf(trial);
  expect({ ended: String(ended), attempts: await attempts(trial), writes, stage }).toMatchObject({
    attempts: 1,
    writes: 'source',
  });
});

test('after the other invocation returns, a slow one does not fence again while chunks are copied', async () => {
  const trial = await lab.trial(LIVE);
  await trial.begin();
  await trial.walk('backfill');
  await trial.target.sql("UPDATE parent SET v = 'damaged' WHERE id = 42", 'sluice_worker');
  await trial.walk('catch-up');
  const { world, hangs, wake } = slowAfter(trial, 'drain finished');
  const slow = cutover(trial.context(world)).then(
    (verdict) => verdict as unknown,
    (error: unknown) => error,
  );
  await hangs;
  expect(await cutover(trial.context())).toBe('returned');
  expect(await isOpen(trial.source)).toBe(true);
  wake();
  const ended = await Promise.race([
    slow,
    new Promise((resolve) => setTimeout(() => resolve('still runs'), 10_000)),
  ]);
  const { writes, stage } = await recordOf(trial);
  expect({
    ended: String(ended),
    attempts: await attempts(trial),
    writes,
    stage,
    open: await isOpen(trial.source),
  }).toMatchObject({ attempts: 1, writes: 'source', open: true });
});

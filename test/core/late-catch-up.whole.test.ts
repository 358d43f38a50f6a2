/**
 * Lambda runs an invocation of catchUp twice. The slow one reads the guard after the other has returned `ready` and the
 * cutover has fenced. It must not mistake that fence for a remnant of a cancelled cutover and cancel the running one.
 */
import { catchUp } from '../../src/core/stages/catch-up';
import { cutoverRound, cutover } from '../../src/core/stages/cutover';
import { startLab, withEnd, type Lab } from '../support/world';
import { LIVE, recordOf } from './live-setup';
import { hanger } from './one-chunk';

let lab: Lab;
beforeAll(async () => {
  lab = await startLab();
});
afterEach(() => lab.endTrials());
afterAll(() => lab.stop());

test('a late catchUp does not cancel the cutover that follows it', async () => {
  const trial = await lab.trial(LIVE);
  await trial.begin();
  await trial.walk('backfill');
  const { hang, hangs, wake } = hanger();
  const slowWorld = withEnd(trial.world(), 'source', ({ guard }) => ({
    guard: { readGuard: (name) => hang(() => guard.readGuard(name)) },
  }));
  const slow = catchUp(trial.context(slowWorld)).catch((error: unknown) => String(error));
  await hangs;
  await trial.walk('catch-up');
  await cutoverRound(trial.context());
  await cutoverRound(trial.context());
  expect(await recordOf(trial)).toMatchObject({ stage: 'drain', writes: 'source→target#1' });
  wake();
  // The cutover continues at the same time, as it would; here: after the slow one has checked.
  const late = await Promise.race([
    slow,
    new Promise((resolve) => setTimeout(() => resolve('still running'), 3_000)),
  ]);
  const between = await recordOf(trial);
  const ended = await cutover(trial.context()).catch((error: unknown) => String(error));
  expect({
    late: typeof late === 'string' ? late : 'returned',
    writes: between.writes,
    cancelled: between.fencesCancelled,
    ended,
  }).toEqual({ late: expect.anything() as unknown, writes: 'source→target#1', cancelled: 0, ended: 'moved' });
});

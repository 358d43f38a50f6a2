/** The old database is lost right after the flip: opening the target needs the target and the ledger only. */
import { TransientFailure } from '../../src/core/errors';
import { cutover } from '../../src/core/stages/cutover';
import { openSide } from '../../src/core/cutover/open-side';
import { startLab, withEnd, type Lab, type Trial } from '../support/world';
import { isOpen, LIVE, recordOf } from './live-setup';

let lab: Lab;
beforeAll(async () => {
  lab = await startLab();
});
afterEach(() => lab.endTrials());
afterAll(() => lab.stop());

async function flipped(shape: 'cdc' | 'offline'): Promise<Trial> {
  const trial = await lab.trial(shape === 'cdc' ? LIVE : { ...LIVE, definition: { shape } });
  await trial.begin();
  await trial.walk('flip');
  expect(await recordOf(trial)).toMatchObject({ writes: 'target', stage: 'flip' });
  return trial;
}

const sourceLost = (trial: Trial) => {
  const lost = async (): Promise<never> => {
    throw new TransientFailure('the source is not reachable');
  };
  return withEnd(trial.world(), 'source', () => ({ guard: { readGuard: lost, setGuard: lost } }));
};

test.each(['cdc', 'offline'] as const)('%s: the cutover still opens the target', async (shape) => {
  const trial = await flipped(shape);
  const ended = await cutover(trial.context(sourceLost(trial))).catch((error: unknown) => String(error));
  expect({ ended, open: await isOpen(trial.target) }).toEqual({ ended: 'moved', open: true });
});

test('the step alone opens the target too', async () => {
  const trial = await flipped('cdc');
  await openSide(trial.context(sourceLost(trial)));
  expect(await isOpen(trial.target)).toBe(true);
});

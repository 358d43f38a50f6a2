/**
 * An abort of a generation of direction reverse once its writes are at the source again. Expected: refused, as after a
 * forward flip. `abortedWrites` must check the direction as well as the side.
 */
import { WrongState } from '../../src/core/errors';
import { revoke } from '../support/undo';
import type { Side } from '../support/side';
import { overriding, startLab, type Lab, type Trial } from '../support/world';
import { recordOf } from './live-setup';

let lab: Lab;
beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => lab.stop());
afterEach(() => lab.endTrials());

const isOpen = (side: Side): Promise<boolean> =>
  side.sql(`BEGIN; INSERT INTO t (id) VALUES (-1); ROLLBACK`, 'app').then(
    () => true,
    () => false,
  );
const stateOf = async (trial: Trial) => ({
  sourceRows: await trial.source.count('t').catch(() => 'gone'),
  targetRows: await trial.target.count('t'),
  sourceOpen: await isOpen(trial.source),
  targetOpen: await isOpen(trial.target),
});

async function reversed(shape: 'offline' | 'cdc'): Promise<Trial> {
  const trial = await lab.trial({
    tables: 'CREATE TABLE t (id int PRIMARY KEY)',
    definition: { shape, fence: shape === 'cdc' ? { seconds: 60 } : { minutes: 10 } },
  });
  await trial.target.sql('INSERT INTO t SELECT generate_series(1, 10); ANALYZE');
  await trial.claimReverse();
  return trial;
}

test('is refused after the flip back', async () => {
  const trial = await reversed('offline');
  await trial.walk('flip');
  const before = { ...(await stateOf(trial)), writes: (await recordOf(trial)).writes };
  const outcome = await trial.abort().catch((error: unknown) => error);
  const after = { ...(await stateOf(trial)), writes: (await recordOf(trial)).writes };
  expect({ after, outcome: String(outcome) }).toEqual({
    after: before,
    outcome: expect.stringContaining('WrongState') as string,
  });
});

test('is refused after the source was opened, and the target stays closed', async () => {
  const trial = await reversed('cdc');
  await trial.walk('open');
  expect(await stateOf(trial)).toMatchObject({ sourceOpen: true, targetOpen: false });
  const outcome = await trial.abort().catch((error: unknown) => error);
  const { status } = await recordOf(trial);
  expect({ ...(await stateOf(trial)), status, outcome: String(outcome) }).toEqual({
    ...{ sourceRows: 10, targetRows: 10, sourceOpen: true, targetOpen: false, status: 'running' },
    outcome: expect.stringContaining('WrongState') as string,
  });
});

test('is refused immediately once the migration is done', async () => {
  const trial = await reversed('offline');
  await trial.walk('open');
  expect(await recordOf(trial)).toMatchObject({ status: 'done', writes: 'source' });
  const world = trial.world();
  let attempts = 0;
  const control = overriding(world.control, {
    setWrites: async (...change) => {
      attempts += 1;
      if (attempts > 20) throw new Error('revoke retries forever');
      return world.control.setWrites(...change);
    },
  });
  await expect(revoke({ ...world, control }, 'too late')).rejects.toBeInstanceOf(WrongState);
});

/** A copy under an expired fence is void, so it ends before it is finished. */
import { nextWave } from '../../src/core/backfill/next-wave';
import { startLab, type Lab } from '../support/world';

let lab: Lab;
beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => lab.stop());

test('no wave starts after the deadline of the fence', async () => {
  const trial = await lab.trial({
    tables: 'CREATE TABLE t (id int PRIMARY KEY)',
    seed: 'INSERT INTO t SELECT generate_series(1, 10)',
    definition: { fence: { minutes: 10 } },
  });
  await trial.begin();
  await trial.walk('plan');
  const after = (minutes: number) => {
    const world = trial.world();
    const now = () => Date.now() + minutes * 60_000;
    return trial.context({ ...world, clock: { ...world.clock, now } });
  };

  expect((await nextWave(after(9), { purpose: 'copy' })).items).toHaveLength(1);
  await expect(nextWave(after(12), { purpose: 'copy' })).rejects.toMatchObject({ name: 'FenceExpired' });
});

test('a sealed fence has no deadline', async () => {
  const trial = await lab.trial({
    tables: 'CREATE TABLE t (id int PRIMARY KEY)',
    seed: 'INSERT INTO t SELECT generate_series(1, 10)',
    definition: { fence: { minutes: 10 } },
  });
  await trial.begin();
  await trial.walk('seal');
  const world = trial.world();
  const clock = { ...world.clock, now: () => Date.now() + 60 * 60_000 };

  await expect(nextWave(trial.context({ ...world, clock }), { purpose: 'copy' })).resolves.toMatchObject({
    verdict: 'empty',
  });
});

/** Appliers with much to do: at each poll the last pass is too old to count as served, and is another than at the poll before. */
import { catchUp } from '../../src/core/stages/catch-up';
import { LIVE } from './live-setup';
import { overriding, startLab, type Lab } from '../support/world';

let lab: Lab;
beforeAll(async () => {
  lab = await startLab();
});
afterEach(() => lab.endTrials());
afterAll(() => lab.stop());

test('waits grow, so that days of waiting do not fill the history', async () => {
  const trial = await lab.trial(LIVE);
  await trial.begin();
  await trial.walk('backfill');
  const real = trial.world();
  let virtualMs = Date.now();
  const clock = { now: () => virtualMs, sleep: async (ms: number) => void (virtualMs += ms) };
  const partitions = overriding(real.control.partitions, {
    list: async (migration, generation) => {
      const passedAt = new Date(Date.now() - 20_000 - (virtualMs % 30_000)).toISOString();
      const found = await real.control.partitions.list(migration, generation);
      return found.map((record) => ({ ...record, passedAt, lagMs: 60_000 }));
    },
  });
  const control = overriding(real.control, { partitions });
  const waits: unknown[] = [];
  for (let poll = 1; poll <= 12; poll += 1) {
    const verdict = await catchUp(trial.context({ ...real, clock, control }));
    waits.push(verdict);
    virtualMs += verdict.seconds * 1_000;
  }
  expect(waits).toEqual(waits.map((_, index) => ({ verdict: 'wait', seconds: index + 1 })));
});

/** Appliers that are killed at arbitrary statements are replaced without loss. */
import { startLab, type Lab, type Trial } from '../support/world';
import { assertMoved, LIVE, Writer } from './live-setup';

let lab: Lab;
beforeAll(async () => {
  lab = await startLab();
});
afterEach(() => lab.endTrials());
afterAll(() => lab.stop());

async function planned(): Promise<Trial> {
  const trial = await lab.trial(LIVE);
  await trial.begin();
  for (const stage of ['preflight', 'prepare', 'start-capture', 'plan'] as const) await trial.stage(stage);
  return trial;
}

describe('appliers that are killed', () => {
  test('during any statement are replaced without loss', async () => {
    const trial = await planned();
    let statements = 0;
    const killing = trial.world(async (call) => {
      statements += 1;
      if (statements % 97 !== 0) return call.run();
      // Half of the time the statement ran, and only its response is lost.
      if (statements % 2 === 0) await call.run();
      throw new Error('killed');
    }, 1 / 4);
    const sync = trial.sync(killing, 'sync-a');
    const writer = new Writer(trial.source);
    await trial.walk('stop-capture');
    await writer.stop();
    await sync.over();
    expect(sync.failures.length).toBeGreaterThan(3);
    await assertMoved(trial);
  });

  test('by the end of their sessions are replaced without loss', async () => {
    const trial = await planned();
    trial.sync();
    const writer = new Writer(trial.source);
    await trial.walk('backfill');
    for (let time = 0; time < 5; time += 1) {
      for (const side of [trial.source, trial.target])
        await side.sql(
          `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'sluice_worker' AND datname = current_database()`,
        );
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    await trial.walk('stop-capture');
    await writer.stop();
    await assertMoved(trial);
  });
});

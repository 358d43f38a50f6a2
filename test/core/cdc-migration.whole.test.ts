/** A whole live migration, with an application that never stops writing. */
import { startLab, type Lab, type Trial } from '../support/world';
import { assertMoved, LIVE, recordOf, Writer } from './live-setup';

let lab: Lab;
beforeAll(async () => {
  lab = await startLab();
});
afterEach(() => lab.endTrials());
afterAll(() => lab.stop());

test('tables are migrated under writes and end up equal', async () => {
  const trial = await lab.trial(LIVE);
  const writer = new Writer(trial.source);
  await trial.begin();
  await trial.walk('backfill');
  expect(writer.refused).toBe(0);
  await trial.walk('stop-capture');
  await trial.sync().over();
  await writer.stop();
  expect(writer.committed).toBeGreaterThan(100);
  await assertMoved(trial);
  await assertSmooth(trial);
  expect((await trial.source.count('later')) > 0 && (await trial.source.count('never')) === 0).toBe(true);
  await trial.target.sql(`INSERT INTO child SELECT 77, max(id), 1 FROM parent`, 'app');
});

test('the journal records every decision with its evidence and without row data', async () => {
  const trial = await lab.trial(LIVE);
  await trial.source.sql(`INSERT INTO parent (id, v) VALUES (123456, 'a secret of the shop')`);
  await trial.begin();
  await trial.walk('plan');
  await trial.source.sql(`UPDATE parent SET v = 'a secret of the shop' WHERE id < 5`, 'app');
  await trial.walk('stop-capture');
  const events = await trial.events();
  expect(events.filter((event) => / finished$/.test(event))).toEqual(
    [
      'preflight',
      'prepare',
      'start-capture',
      'plan',
      'backfill',
      'catch-up',
      'fence',
      'drain',
      'verify',
      'seal',
      'flip',
      'open',
      'stop-capture',
    ].map((stage) => `${stage} finished`),
  );
  expect(events).toContain('sync taken over');
  const everything = await trial.everyItem();
  expect(everything).not.toContain('a secret of the shop');
  expect(everything).not.toContain('123456');
});

test('rows inserted after the last key during the copy are applied instead of copied', async () => {
  const trial = await lab.trial(LIVE);
  await trial.begin();
  await trial.walk('plan');
  await trial.source.sql(
    `INSERT INTO parent (id, v) SELECT n, 'late' FROM generate_series(401, 700) AS n`,
    'app',
  );
  const parents = (await trial.chunks()).filter(({ table }) => table === 'shop.parent');
  expect(parents.at(-1)).toMatchObject({ state: 'closed', token: 1, rows: 0 });
  await trial.walk('backfill');
  const copied = (await trial.chunks())
    .filter(({ table }) => table === 'shop.parent')
    .reduce((sum, { rows }) => sum + rows, 0);
  expect(copied).toBe(399);
  await trial.walk('stop-capture');
  await assertMoved(trial);
  await assertSmooth(trial);
});

/** Nothing had to be repaired. */
async function assertSmooth(trial: Trial): Promise<void> {
  expect((await recordOf(trial)).fencesCancelled).toBe(0);
  expect(await trial.events()).not.toContain('unequal chunks copied again');
}

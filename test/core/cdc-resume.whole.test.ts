/** A live migration is resumed after it was killed, and every stage may run twice. */
import { stagesOf } from '../../src/contract/lifecycle';
import { startLab, type Lab } from '../support/world';
import { assertMoved, expireFence, LIVE, recordOf, Writer } from './live-setup';
import { resumesAfterKill } from './stages/live';

let lab: Lab;
beforeAll(async () => {
  lab = await startLab();
});
afterEach(() => lab.endTrials());
afterAll(() => lab.stop());

const STAGES = stagesOf('cdc');

resumesAfterKill(['start-capture', 'backfill', 'fence', 'flip'], () => lab);

test('a migration that is resumed after every stage skips finished stages', async () => {
  const trial = await lab.trial(LIVE);
  const writer = new Writer(trial.source, 10);
  for (const [index, stage] of STAGES.entries()) {
    await trial.begin(`execution-${index}`);
    await trial.walk(stage);
    const before = await recordOf(trial);
    await trial.walk(stage);
    // Sync takes its role when it comes to it.
    expect({ ...(await recordOf(trial)), sync: before.sync }).toEqual(before);
  }
  await writer.stop();
  await assertMoved(trial);
  const events = await trial.events();
  for (const stage of STAGES) expect(events.filter((event) => event === `${stage} finished`)).toHaveLength(1);
});

test('a resumed execution cancels a fence that expired in between, and the next fence holds', async () => {
  const trial = await lab.trial(LIVE);
  await trial.begin();
  await trial.walk('fence');
  await expireFence(trial);
  await trial.source.sql(`UPDATE parent SET v = 'in between' WHERE id = 5`, 'app');
  await trial.begin('execution-2');
  await trial.walk('stop-capture');
  await assertMoved(trial);
  expect(await trial.target.sql('SELECT v FROM parent WHERE id = 5')).toEqual([{ v: 'in between' }]);
  expect((await trial.events()).filter((event) => event === 'fence cancelled')).toHaveLength(1);
});

test('resuming resets the count of cancelled fences', async () => {
  const trial = await lab.trial(LIVE);
  await trial.begin();
  await trial.walk('catch-up');
  await trial.control.setWrites(
    { migration: trial.name, generation: 1, writes: 'source' },
    'source',
    ['running'],
    {
      stage: 'backfill',
      fencesCancelled: 5,
    },
  );
  await expect(trial.stage('catch-up')).rejects.toMatchObject({ name: 'NotCaughtUp' });
  await trial.begin('execution-2');
  await trial.walk('stop-capture');
  await assertMoved(trial);
});

test('a deployed definition of another shape does not change the generation', async () => {
  const trial = await lab.trial(LIVE);
  await trial.begin();
  await trial.walk('prepare');
  trial.deployed = { ...trial.definition, shape: 'offline', fenceSeconds: 60 };
  expect(await trial.begin('execution-2')).toMatchObject({ shape: 'cdc', generation: 1 });
  expect((await recordOf(trial)).differences?.shown).toContainEqual({
    ...{ path: 'shape', frozen: '"cdc"', deployed: '"offline"' },
  });
  await trial.walk('stop-capture', await trial.open());
  await assertMoved(trial);
});

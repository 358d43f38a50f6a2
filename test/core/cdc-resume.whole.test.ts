/** From every stage a live migration is resumed, and every stage may run twice. */
import { stagesOf } from '../../src/contract/lifecycle';
import { dyingBefore } from '../support/dying';
import { startLab, type Lab } from '../support/world';
import { assertMoved, expireFence, LIVE, recordOf, Writer } from './live-setup';

let lab: Lab;
beforeAll(async () => {
  lab = await startLab();
});
afterEach(() => lab.endTrials());
afterAll(() => lab.stop());

const STAGES = stagesOf('cdc');

test.each(STAGES)('a migration that dies after %s, before it is recorded, is resumed', async (stage) => {
  const trial = await lab.trial(LIVE);
  const writer = new Writer(trial.source, 10);
  await trial.begin();
  await expect(trial.walk('stop-capture', dyingBefore(trial, stage))).rejects.toThrow('killed');
  await trial.begin('execution-2');
  await trial.walk('stop-capture');
  await writer.stop();
  await assertMoved(trial);
});

test('a migration that is resumed after every stage walks through what is finished', async () => {
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

test('a fence that expired while no execution ran is given up by the resumed one, and the next one holds', async () => {
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

test('a resumed migration has all of its fences before it again', async () => {
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

test('a definition that changed its shape meanwhile is refused', async () => {
  const trial = await lab.trial(LIVE);
  await trial.begin();
  await trial.walk('prepare');
  const world = { ...trial.world(), definition: { ...trial.definition, shape: 'offline' as const } };
  await expect(trial.begin('execution-2', world)).rejects.toThrow(
    /was started as 'cdc', but its definition now says 'offline'/,
  );
  expect((await recordOf(trial)).owner).toBe('execution-1');
});

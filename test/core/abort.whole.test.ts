/** From every stage an abort brings both databases back to what they were, and says why. */
import { stagesBeforeFlip } from '../../src/contract/lifecycle';
import { dyingBefore } from '../support/dying';
import { startLab, type Lab } from '../support/world';
import { assertAborted, MADE, stateOf, THERE } from './abort-setup';

let lab: Lab;
beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => lab.stop());

const ABORTABLE = stagesBeforeFlip('offline');

describe.each([
  ['tables that were there', THERE],
  ['tables that Sluice made', MADE],
])('with %s', (_what, setup) => {
  test.each(['claim-migration', ...ABORTABLE] as const)('after %s everything is as before', async (stage) => {
    const trial = await lab.trial(setup);
    const before = await stateOf(trial);
    await trial.begin();
    if (stage !== 'claim-migration') await trial.walk(stage);
    await trial.abort('the operator changed her mind');
    expect(await stateOf(trial)).toEqual(before);
    await assertAborted(trial, 'the operator changed her mind');
    if (setup === THERE) expect(await trial.target.count('parent')).toBe(0);
  });

  test.each(ABORTABLE)(
    'in %s, interrupted before it was recorded, everything is as before',
    async (stage) => {
      const trial = await lab.trial(setup);
      const before = await stateOf(trial);
      await trial.begin();
      await expect(trial.walk(stage, dyingBefore(trial, stage))).rejects.toThrow('killed');
      await trial.abort('the operator changed her mind');
      expect(await stateOf(trial)).toEqual(before);
      await assertAborted(trial, 'the operator changed her mind');
    },
  );

  test('the next generation succeeds', async () => {
    const trial = await lab.trial(setup);
    await trial.begin();
    await trial.walk('seal');
    await trial.abort();
    expect(await trial.begin('execution-2')).toMatchObject({ generation: 2 });
    await trial.walk('open');
    const { source, target } = await trial.contents();
    expect(target).toEqual(source);
    expect((await trial.events()).filter((event) => event === 'started')).toHaveLength(2);
  });
});

test("of two migrations in one database, one's abort leaves the other's objects", async () => {
  const first = await lab.trial({
    tables: 'CREATE TABLE a (id int PRIMARY KEY); CREATE TABLE b (id int PRIMARY KEY)',
    seed: 'INSERT INTO a SELECT generate_series(1, 150); INSERT INTO b SELECT generate_series(1, 150)',
    map: ['a'],
  });
  const second = lab.trialOn(first.source, first.target, { map: ['b'] });
  for (const trial of [first, second]) {
    await trial.begin();
    await trial.walk('backfill');
  }
  await second.abort();
  expect([await first.target.count('a'), await first.target.count('b')]).toEqual([150, 0]);
  await first.source.sql('UPDATE b SET id = id', 'app');
  await expect(first.source.sql('UPDATE a SET id = id', 'app')).rejects.toThrow(/guards it/);
  await first.walk('open');
  expect((await first.contents()).target).toEqual((await first.contents()).source);

  await second.begin('execution-2');
  await second.walk('open');
  expect(await second.target.count('b')).toBe(150);
});

/** An abort brings both databases back to what they were, and says why. */
import { startLab, type Lab } from '../support/world';
import { abortsAfter, abortsInterrupted, TABLES } from './stages/offline';

let lab: Lab;
beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => lab.stop());

describe.each(TABLES)('with %s', (_what, setup) => {
  abortsAfter(['claim-migration', 'prepare', 'fence', 'seal'], setup, () => lab);
  abortsInterrupted(['prepare', 'plan'], setup, () => lab);

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

test('aborting one of two migrations in a database keeps the objects of the other', async () => {
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

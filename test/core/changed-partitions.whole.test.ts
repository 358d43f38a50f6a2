/** Empty partitions may come at any time, at both ends; one that is attached with rows, or removed, stops the migration with the reason. */
import { startLab, type Lab, type Trial } from '../support/world';
import { recordOf } from './live-setup';

let lab: Lab;
beforeAll(async () => {
  lab = await startLab();
});
afterEach(() => lab.endTrials());
afterAll(() => lab.stop());

const TABLES = `
  CREATE TABLE p (id int PRIMARY KEY, v text) PARTITION BY RANGE (id);
  CREATE TABLE p_0 PARTITION OF p FOR VALUES FROM (0) TO (1000);
  CREATE TABLE p_1 PARTITION OF p FOR VALUES FROM (1000) TO (2000);
  CREATE TABLE empty (id int PRIMARY KEY, v text);
  CREATE TABLE filled (id int PRIMARY KEY, v text); INSERT INTO filled VALUES (3001, 'filled')`;
const NEW = `CREATE TABLE p_2 PARTITION OF p FOR VALUES FROM (2000) TO (3000);
  ALTER TABLE p ATTACH PARTITION empty FOR VALUES FROM (5000) TO (6000); GRANT ALL ON p_2, empty TO app`;
const ATTACH = 'ALTER TABLE p ATTACH PARTITION filled FOR VALUES FROM (3000) TO (4000)';
const ATTACHED = /partition shop\.filled was attached with rows/;
const REMOVED = /a partition .*was detached or dropped/;

async function started(shape: 'cdc' | 'offline'): Promise<Trial> {
  const trial = await lab.trial({
    tables: TABLES,
    seed: `INSERT INTO p SELECT n, 'v' FROM generate_series(1, 1100) AS n; ANALYZE`,
    map: ['p'],
    definition: shape === 'cdc' ? { shape, fence: { seconds: 60 } } : { fence: { minutes: 10 } },
  });
  await trial.begin();
  return trial;
}

const isOpen = (trial: Trial): Promise<boolean> =>
  trial.source
    .sql(`BEGIN; INSERT INTO p VALUES (5, 'open') ON CONFLICT (id) DO UPDATE SET v = 'open'; ROLLBACK`, 'app')
    .then(
      () => true,
      () => false,
    );

test('cdc: rows of partitions that come later, at both ends, are moved', async () => {
  const trial = await started('cdc');
  await trial.walk('start-capture');
  for (const side of [trial.target, trial.source]) await side.sql(NEW, 'app_owner');
  await trial.source.sql(
    `INSERT INTO p VALUES (2001, 'new'), (5001, 'new'); DELETE FROM p WHERE id = 7`,
    'app',
  );
  await trial.walk('backfill');
  for (const side of [trial.target, trial.source])
    await side.sql('CREATE TABLE p_6 PARTITION OF p FOR VALUES FROM (6000) TO (7000)', 'app_owner');
  await trial.source.sql(`INSERT INTO p VALUES (6001, 'newer')`, 'app');
  await trial.walk('stop-capture');
  const { source, target } = await trial.contents();
  expect(target).toEqual(source);
  expect(await trial.target.rows('p')).toEqual(
    expect.arrayContaining(['(2001,new)', '(5001,new)', '(6001,newer)']),
  );
});

test('offline: empty partitions under the fence do not end it', async () => {
  const trial = await started('offline');
  await trial.walk('fence');
  await trial.source.sql(NEW, 'app_owner');
  await trial.target.sql(NEW, 'app_owner');
  await trial.walk('open');
  const { source, target } = await trial.contents();
  expect(target).toEqual(source);
});

const failure = (name: string, why: RegExp) => ({ name, message: expect.stringMatching(why) as string });

test('cdc: at the source, a filled one loses the capture, and the source stays open', async () => {
  const trial = await started('cdc');
  await trial.walk('backfill');
  await trial.source.sql(ATTACH, 'app_owner');
  await expect(trial.walk('stop-capture')).rejects.toMatchObject(failure('CaptureLost', ATTACHED));
  expect((await recordOf(trial)).captureLost).toMatch(ATTACHED);
  expect(await isOpen(trial)).toBe(true);
});

test('cdc: at the target, between verification and seal, a dropped one flips nothing, and the source opens', async () => {
  const trial = await started('cdc');
  await trial.walk('verify');
  await trial.target.sql('DROP TABLE p_1', 'app_owner');
  await expect(trial.walk('stop-capture')).rejects.toMatchObject(failure('VerificationFailed', REMOVED));
  expect(await recordOf(trial)).toMatchObject({ writes: 'source' });
  expect(await isOpen(trial)).toBe(true);
});

test('offline: at the source, under the fence, a filled one ends the generation before the seal', async () => {
  const trial = await started('offline');
  await trial.walk('verify');
  await trial.source.sql(ATTACH, 'app_owner');
  await expect(trial.walk('open')).rejects.toMatchObject(failure('FenceExpired', ATTACHED));
  expect(await trial.guard('source')).toMatchObject({ state: 'fenced' });
  await trial.abort();
  expect(await isOpen(trial)).toBe(true);
});

test('offline: at the target, after verification, a filled one seals nothing', async () => {
  const trial = await started('offline');
  await trial.walk('verify');
  await trial.target.sql(ATTACH, 'app_owner');
  await expect(trial.walk('open')).rejects.toMatchObject(failure('VerificationFailed', ATTACHED));
  expect(await trial.guard('source')).toMatchObject({ state: 'fenced' });
});

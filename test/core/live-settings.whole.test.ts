/** A named list of settings may change while a generation runs; everything else is frozen. */
import { changeSettings } from '../../src/core/execution/change-settings';
import { LIVE_SETTINGS } from '../../src/core/definition/setting-bounds';
import { SettingsRefused, WrongState } from '../../src/core/errors';
import { nextSync } from '../../src/core/sync/next-sync';
import { nextWave } from '../../src/core/backfill/next-wave';
import { roundOf } from '../support/sync';
import { overriding, startLab, type Lab, type Setup, type Trial } from '../support/world';
import { assertMoved, LIVE, recordOf } from './live-setup';

let lab: Lab;
beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => lab.stop());
afterEach(() => lab.endTrials());

const OFFLINE: Setup = {
  tables: 'CREATE TABLE t (id int PRIMARY KEY)',
  seed: 'INSERT INTO t SELECT generate_series(1, 300); ANALYZE',
};

const set = (trial: Trial, ...texts: readonly string[]) =>
  changeSettings(
    trial.control,
    trial.name,
    texts.map((text) => {
      const [name = '', value = ''] = text.split('=');
      return { name, value };
    }),
  );

const refusalOf = async (trial: Trial, ...texts: readonly string[]): Promise<readonly string[]> => {
  const refused = await set(trial, ...texts).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(SettingsRefused);
  return (refused as SettingsRefused).problems;
};

const concurrency = async (trial: Trial) =>
  (await nextWave(trial.context(await trial.open()), { purpose: 'copy' })).concurrency;

test('a running copy uses another number of copiers and another rate from its next wave on', async () => {
  const trial = await lab.trial(OFFLINE);
  await trial.begin();
  await trial.walk('plan', await trial.open());
  expect(await concurrency(trial)).toBe(4);
  expect(await set(trial, 'throttle.copiersMax=9', 'throttle.rowsPerSecondMax=5000')).toEqual([
    { setting: 'throttle.copiersMax', before: '4', after: '9' },
    { setting: 'throttle.rowsPerSecondMax', before: 'none', after: '5000' },
  ]);
  expect(await concurrency(trial)).toBe(9);
  expect((await trial.open()).definition.throttle).toEqual({ copiersMax: 9, rowsPerSecondMax: 5_000 });
  expect(await set(trial, 'throttle.rowsPerSecondMax=none')).toEqual([
    { setting: 'throttle.rowsPerSecondMax', before: '5000', after: 'none' },
  ]);
  expect((await trial.open()).definition.throttle.rowsPerSecondMax).toBeUndefined();
  expect((await recordOf(trial)).overrides).toEqual({
    'throttle.copiersMax': 9,
    'throttle.rowsPerSecondMax': null,
  });
  await trial.walk('open', await trial.open());
  expect(await trial.target.count('t')).toBe(300);
});

test('a running sync deals its partitions out to another number of appliers, and the next fence is longer', async () => {
  const trial = await lab.trial(LIVE);
  await trial.begin();
  await trial.walk('catch-up', await trial.open());
  await trial.sync().stop();
  const appliers = async () =>
    (await nextSync(await trial.open(), roundOf(trial, 'sync-9', trial.run.execution))).items.length;
  expect(await appliers()).toBe(2);
  await set(trial, 'sync.appliersMax=5', 'fence.seconds=45');
  expect(await appliers()).toBe(5);
  await trial.walk('fence', await trial.open());
  const remainingMs = Date.parse((await recordOf(trial)).fenceDeadline!) - Date.now();
  expect(remainingMs).toBeGreaterThan(35_000);
  expect(remainingMs).toBeLessThanOrEqual(46_000);
  trial.running.delete('sync-9');
  trial.sync(await trial.open(), 'sync-10');
  await trial.walk('stop-capture', await trial.open());
  await assertMoved(trial);
});

test('a change survives a resume, and ends with its generation', async () => {
  const trial = await lab.trial(OFFLINE);
  await trial.begin();
  await trial.walk('plan', await trial.open());
  await set(trial, 'throttle.copiersMax=9');
  await trial.begin('execution-2');
  expect(await concurrency(trial)).toBe(9);
  await trial.abort('a test says so', await trial.open());
  await trial.begin('execution-3');
  expect((await trial.open()).definition.throttle.copiersMax).toBe(4);
});

test('the journal has the old and new values', async () => {
  const trial = await lab.trial(OFFLINE);
  await trial.begin();
  await set(trial, 'throttle.copiersMax=9');
  await set(trial, 'throttle.copiersMax=2');
  expect((await trial.control.journal.last(trial.name, 1))[0]).toMatchObject({
    event: 'settings changed',
    evidence: { changes: [{ setting: 'throttle.copiersMax', before: '9', after: '2' }] },
  });
});

test('every problem is named at once, with its remedy, and nothing changes', async () => {
  const trial = await lab.trial(OFFLINE);
  await trial.begin();
  const before = await recordOf(trial);
  expect(
    await refusalOf(
      trial,
      ...[
        'throttle.copiersMax=0',
        'throttle.rowsPerSecondMax=fast',
        'tables=1',
        'capture.logMegabytesMax=64',
      ],
      ...['sync.appliersMax=3', 'fence.seconds=9', 'fence.minutes=20000', 'fence.minutes=30'],
    ),
  ).toEqual([
    'throttle.copiersMax is 0. Use a whole number from 1 to 1000',
    'throttle.rowsPerSecondMax is "fast". Use a whole number from 1 to 10000000',
    expect.stringMatching(
      /^tables is frozen until the generation has ended; only throttle.*Abort, change the definition/,
    ),
    expect.stringMatching(/^capture\.logMegabytesMax is frozen/),
    "sync.appliersMax has no effect in shape 'offline'. Leave it out",
    "fence.seconds has no effect in shape 'offline'. Leave it out",
    'fence.minutes is 20000. Use a whole number from 1 to 10080',
    'fence.minutes is given twice. Give it once',
  ]);
  expect(await recordOf(trial)).toEqual(before);
});

test('the minutes of a fence change until it is set: then the database holds its deadline', async () => {
  const trial = await lab.trial(OFFLINE);
  await trial.begin();
  expect(await set(trial, 'fence.minutes=30')).toMatchObject([{ before: '240', after: '30' }]);
  await trial.walk('fence', await trial.open());
  const { fenceDeadline } = await recordOf(trial);
  const minutes = (Date.parse(fenceDeadline!) - Date.now()) / 60_000;
  expect(minutes).toBeGreaterThan(28);
  expect(minutes).toBeLessThan(31);
  expect(await refusalOf(trial, 'fence.minutes=60')).toEqual([
    expect.stringContaining(`the fence is set and expires at ${fenceDeadline}`),
  ]);
});

test('of two changes at once, one is refused and can be repeated', async () => {
  const trial = await lab.trial(OFFLINE);
  await trial.begin();
  let concurrent: Promise<unknown> = Promise.resolve();
  const control = overriding(trial.control, {
    override: async (...of) => {
      concurrent = set(trial, 'throttle.copiersMax=9');
      await concurrent;
      return trial.control.override(...of);
    },
  });
  const late = changeSettings(control, trial.name, [{ name: 'throttle.rowsPerSecondMax', value: '7' }]);
  await expect(late).rejects.toThrow(/nothing was changed.*then repeat/);
  expect((await recordOf(trial)).overrides).toEqual({ 'throttle.copiersMax': 9 });
});

test.each(['aborted', 'done'])('nothing changes in a migration that is %s', async (status) => {
  const trial = await lab.trial(OFFLINE);
  await trial.begin();
  if (status === 'aborted') await trial.abort();
  else await trial.walk('open', await trial.open());
  await expect(set(trial, 'throttle.copiersMax=9')).rejects.toThrow(WrongState);
  await expect(set(trial, 'throttle.copiersMax=9')).rejects.toThrow(`is ${status} in generation 1`);
});

test('no database holds a live setting: its captures and guards do not name one', () => {
  expect(LIVE_SETTINGS).not.toContain('capture.logMegabytesMax');
});

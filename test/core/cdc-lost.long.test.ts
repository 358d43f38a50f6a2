/** Changes that the capture cannot follow stop the migration with an error, and never the application. */
import { CaptureLost, WrongState } from '../../src/core/errors';
import type { Stage } from '../../src/contract/lifecycle';
import { cancelCutover } from '../../src/core/stages/cancel-cutover';
import { fence } from '../../src/core/stages/fence';
import { recordFailure } from '../../src/core/execution/record-failure';
import { nextSync } from '../../src/core/sync/next-sync';
import { roundOf } from '../support/sync';
import { overriding, startLab, withEnd, type Lab, type Trial } from '../support/world';
import { assertGone, assertMoved, isOpen, LIVE, liveState, recordOf, Writer } from './live-setup';
import { hanger } from './one-chunk';

let lab: Lab;
beforeAll(async () => {
  lab = await startLab();
});
afterEach(() => lab.endTrials());
afterAll(() => lab.stop());

test.each<[string, Stage, string, RegExp]>([
  ['TRUNCATE during the copy', 'plan', 'TRUNCATE later', /shop\.later: .*TRUNCATE/i],
  ['TRUNCATE while it catches up', 'catch-up', 'TRUNCATE later', /shop\.later: .*TRUNCATE/i],
  ['a new column', 'backfill', 'ALTER TABLE parent ADD COLUMN extra int', /shop\.parent: /],
  [
    'a column that came and went',
    'backfill',
    'ALTER TABLE never ADD x int; ALTER TABLE never DROP x',
    /shop\.never: /,
  ],
])('%s (after %s) ends in CaptureLost, and can only be aborted', async (_what, stage, sql, reason) => {
  const trial = await lab.trial(LIVE);
  const writer = new Writer(trial.source, 10);
  await trial.begin();
  await trial.walk(stage);
  const before = (await trial.target.traces()).length;
  await trial.source.sql(sql, sql.startsWith('TRUNCATE') ? 'app' : 'app_owner');

  const failure = await trial.walk('stop-capture').catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(CaptureLost);
  expect((failure as Error).message).toMatch(reason);
  expect((failure as Error).message).toMatch(/Abort the migration, fix the cause, then start it again/);
  await recordFailure(trial.world(), trial.name, 'execution-1', {
    Error: 'CaptureLost',
    Cause: JSON.stringify({ errorMessage: (failure as Error).message }),
  });
  expect(await recordOf(trial)).toMatchObject({
    status: 'held',
    writes: 'source',
    captureLost: expect.stringMatching(reason) as string,
  });
  expect((await trial.events()).filter((event) => event === 'capture lost')).toHaveLength(1);
  await trial.sync().over();
  expect(await isOpen(trial.source)).toBe(true);
  await expect(trial.begin('execution-2')).rejects.toBeInstanceOf(WrongState);
  await expect(trial.begin('execution-2')).rejects.toThrow(/Abort the migration, fix the cause/);
  expect(before).toBeGreaterThan(0);

  await trial.abort();
  await writer.stop();
  const after = await liveState(trial);
  await assertGone(trial, after);
  expect(after.target.rows.every((rows) => rows.startsWith('0 rows'))).toBe(true);
});

describe('a table that is altered before all tables are captured', () => {
  const alter = (trial: Trial) => trial.source.sql('ALTER TABLE parent ADD COLUMN extra int', 'app_owner');
  const prepared = async (): Promise<Trial> => {
    const trial = await lab.trial(LIVE);
    await trial.begin();
    await trial.walk('prepare');
    return trial;
  };

  test('and is already captured ends in CaptureLost', async () => {
    const trial = await prepared();
    const world = trial.world();
    let captured = 0;
    const dying = withEnd(world, 'source', ({ installer }) => ({
      installer: {
        startCapture: (...of) => {
          captured += 1;
          if (captured > 1) throw new Error('killed');
          return installer.startCapture(...of);
        },
      },
    }));
    await expect(trial.stage('start-capture', dying)).rejects.toThrow('killed');
    await alter(trial);
    await expect(trial.stage('start-capture')).rejects.toBeInstanceOf(CaptureLost);
    expect((await recordOf(trial)).captureLost).toMatch(/shop\.parent: /);
  });

  test('and is not yet captured is reported with the mismatch, and the migration continues once it is fixed', async () => {
    const trial = await prepared();
    await alter(trial);
    const refusal = await trial.stage('start-capture').catch((error: unknown) => error);
    expect(refusal).toMatchObject({ name: 'PreflightFailed' });
    expect((refusal as Error).message).toMatch(
      /shop\.parent: .*has no column extra\. .*resume.*\[still-fits\]/,
    );
    await trial.source.sql('ALTER TABLE parent DROP COLUMN extra', 'app_owner');
    await trial.walk('stop-capture');
    await assertMoved(trial);
  });
});

test('under the fence, a loss returns the writes to the source before it is reported', async () => {
  const trial = await lab.trial(LIVE);
  await trial.begin();
  await trial.walk('drain');
  await trial.source.sql('ALTER TABLE parent ADD COLUMN extra int', 'app_owner');
  await expect(trial.stage('verify')).rejects.toBeInstanceOf(CaptureLost);
  expect(await isOpen(trial.source)).toBe(true);
  expect((await recordOf(trial)).writes).toBe('source');
});

describe('a loss that Sync records between two steps reopens the source before it is reported:', () => {
  const fenced = async (until: Stage): Promise<Trial> => {
    const trial = await lab.trial(LIVE);
    await trial.begin();
    await trial.walk(until);
    return trial;
  };
  const lose = (trial: Trial) => trial.control.recordCaptureLoss(trial.name, 1, 'forward', 'shop.later: cut');
  const assertOpen = async (trial: Trial) => {
    expect(await isOpen(trial.source)).toBe(true);
    expect(await recordOf(trial)).toMatchObject({ writes: 'source', captureLost: 'shop.later: cut' });
  };

  test.each<[Stage, Stage]>([
    ['drain', 'fence'],
    ['verify', 'drain'],
    ['seal', 'verify'],
  ])('%s', async (stage, until) => {
    const trial = await fenced(until);
    await lose(trial);
    await expect(trial.stage(stage)).rejects.toBeInstanceOf(CaptureLost);
    await assertOpen(trial);
  });

  test('a second fence', async () => {
    const trial = await fenced('catch-up');
    const { hang, hangs, wake } = hanger();
    const world = trial.world();
    const control = overriding(world.control, {
      finishStage: (...finish) => hang(() => world.control.finishStage(...finish)),
    });
    const late = fence(trial.context({ ...world, control })).catch((error: unknown) => error);
    await hangs;
    expect(await isOpen(trial.source)).toBe(false);
    await lose(trial);
    await expect(trial.stage('fence')).rejects.toBeInstanceOf(CaptureLost);
    await assertOpen(trial);
    wake();
    await late;
    await assertOpen(trial);
  });

  test('cancelling a fence', async () => {
    const trial = await fenced('fence');
    await lose(trial);
    await expect(cancelCutover(trial.context())).rejects.toBeInstanceOf(CaptureLost);
    await assertOpen(trial);
  });
});

test('after the seal no capture can be lost, and the cutover continues', async () => {
  const trial = await lab.trial(LIVE);
  await trial.begin();
  await trial.walk('seal');
  await trial.source.sql('ALTER TABLE never ADD COLUMN extra int', 'app_owner');
  expect(await nextSync(trial.world(), roundOf(trial, trial.sync().execution))).toMatchObject({
    verdict: 'idle',
  });
  expect((await recordOf(trial)).captureLost).toBeNull();
  // A call that was in flight.
  await trial.control.recordCaptureLoss(trial.name, 1, 'forward', 'late');
  await trial.walk('stop-capture');
  await trial.source.sql('ALTER TABLE never DROP COLUMN extra', 'app_owner');
  await assertMoved(trial);
});

test('a truncated table is migrated in the next generation', async () => {
  const trial = await lab.trial(LIVE);
  await trial.begin();
  await trial.walk('backfill');
  await trial.source.sql('TRUNCATE parent, child', 'app');
  await expect(trial.walk('stop-capture')).rejects.toBeInstanceOf(CaptureLost);
  await trial.abort();
  await trial.begin('execution-2');
  await trial.walk('stop-capture');
  await assertMoved(trial);
});

/** From every stage up to the flip an abort of a live migration leaves what was before, with the application at work. */
import { WrongState } from '../../src/core/errors';
import { stagesBeforeFlip, type Stage } from '../../src/contract/lifecycle';
import { revoke } from '../../src/core/stages/revoke';
import { undo } from '../support/undo';
import { dyingBefore } from '../support/dying';
import { startLab, type Lab, type Trial } from '../support/world';
import { assertGone, assertMoved, LIVE, liveState, recordOf, Writer } from './live-setup';
import { hanger } from './one-chunk';

let lab: Lab;
beforeAll(async () => {
  lab = await startLab();
});
afterEach(() => lab.endTrials());
afterAll(() => lab.stop());

const ABORTABLE = stagesBeforeFlip('cdc');

test.each(ABORTABLE)('after %s everything is as before', async (stage) => {
  const trial = await lab.trial(LIVE);
  const before = await liveState(trial);
  await trial.begin();
  await trial.walk(stage);
  await trial.abort('the operator changed her mind');
  await trial.sync().over();
  await assertGone(trial, before);
});

test.each(ABORTABLE)('in %s, interrupted before it was recorded, everything is as before', async (stage) => {
  const trial = await lab.trial(LIVE);
  const before = await liveState(trial);
  await trial.begin();
  await expect(trial.walk(stage, dyingBefore(trial, stage))).rejects.toThrow('killed');
  await trial.abort('the operator changed her mind');
  if (ABORTABLE.indexOf(stage) > ABORTABLE.indexOf('plan')) await trial.sync().over();
  await assertGone(trial, before);
});

test.each<Stage>(['plan', 'backfill', 'catch-up', 'fence', 'drain'])(
  'after %s, with an application and appliers at work, the source keeps what was written to it',
  async (stage) => {
    const trial = await lab.trial(LIVE);
    const before = await liveState(trial);
    const writer = new Writer(trial.source);
    await trial.begin();
    await trial.walk(stage);
    await revoke(trial.world(), 'the operator changed her mind');
    await undo(trial.world());
    await writer.stop();
    await trial.sync().over();
    expect(writer.committed).toBeGreaterThan(0);
    const { schema } = before.source;
    await assertGone(trial, { ...before, source: { schema, rows: (await liveState(trial)).source.rows } });
  },
);

test('makes no transaction of the application fail that holds what is to be unguarded, and waits for what is', async () => {
  const trial = await lab.trial(LIVE);
  await trial.begin();
  await trial.walk('fence');
  await revoke(trial.world(), 'the operator changed her mind');
  await trial.sync().over();
  const { guard, installer } = trial.world().ends.source;
  const epoch = await trial.control.nextEpoch(trial.name);
  await guard.setGuard({ migration: trial.name, epoch, state: 'open', from: ['fenced'] });
  await installer.stopCapture(trial.name);
  const application = await trial.source.session('app');
  await application.query('BEGIN; UPDATE child SET n = n WHERE parent_id = 1');
  const uninstalled = installer.uninstall(trial.name);
  const waits = () =>
    trial.source.sql(`SELECT FROM pg_locks WHERE NOT granted AND relation = 'child'::regclass`);
  while ((await waits()).length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
  await application.query('UPDATE parent SET v = v WHERE id = 1');
  await application.query('COMMIT');
  await uninstalled;
  expect(await trial.source.traces()).toEqual([]);
});

test('the next generation succeeds, and the sync of the first one has ended', async () => {
  const trial = await lab.trial(LIVE);
  const writer = new Writer(trial.source, 10);
  await trial.begin();
  await trial.walk('seal');
  const first = trial.sync();
  await trial.abort();
  await first.over();
  expect(await trial.begin('execution-2')).toMatchObject({ generation: 2, shape: 'cdc' });
  expect(await recordOf(trial)).toMatchObject({ fencesCancelled: 0, sync: null, captureLost: null });
  await trial.walk('stop-capture');
  await writer.stop();
  await assertMoved(trial);
  expect(trial.sync().execution).not.toBe(first.execution);
});

test('after the flip an abort is refused, and the migration continues', async () => {
  const trial = await lab.trial(LIVE);
  await trial.begin();
  await trial.walk('flip');
  await expect(revoke(trial.world(), 'too late')).rejects.toBeInstanceOf(WrongState);
  await trial.walk('stop-capture');
  await assertMoved(trial);
});

describe('a stage that was decided before an abort and arrives after it', () => {
  /** Returns one of two migrations in one pair of databases: its abort keeps the schema for the other. */
  async function secondOfTwo(): Promise<Trial> {
    const other = await lab.trial({ ...LIVE, map: ['never'] });
    await other.begin();
    await other.walk('prepare');
    const trial = lab.trialOn(other.source, other.target, { ...LIVE, map: ['parent', 'child', 'later'] });
    await trial.begin();
    await trial.walk('prepare');
    return trial;
  }

  const isCaptured = async (trial: Trial): Promise<boolean> =>
    (await trial.source.traces()).some((trace) => trace.startsWith('trigger sluice_capture'));

  test('captures nothing', async () => {
    const trial = await secondOfTwo();
    const { hang, hangs, wake } = hanger();
    const world = trial.world((call) =>
      call.sql.includes('sluice.start_capture') ? hang(() => call.run()) : call.run(),
    );
    const late = trial.stage('start-capture', world).catch((error: unknown) => error);
    await hangs;
    await trial.abort();
    wake();
    expect(await late).toBeInstanceOf(Error);
    expect(await isCaptured(trial)).toBe(false);
  });

  test('captures nothing that the abort does not find, while it waits for its lock', async () => {
    const trial = await secondOfTwo();
    const writer = await trial.source.session('app');
    await writer.query(`BEGIN; UPDATE parent SET v = v WHERE id = 1`);
    const late = trial.stage('start-capture').catch((error: unknown) => error);
    await new Promise((resolve) => setTimeout(resolve, 300));
    const aborting = trial.abort();
    await new Promise((resolve) => setTimeout(resolve, 300));
    await writer.query('COMMIT');
    await aborting.catch(() => trial.abort());
    expect(await late).toBeInstanceOf(Error);
    expect(await isCaptured(trial)).toBe(false);
  });
});

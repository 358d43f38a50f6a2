/** Up to the flip, an abort of a live migration leaves what was before, with the application at work. */
import { WrongState } from '../../src/core/errors';
import { revoke } from '../support/undo';
import { startLab, type Lab, type Trial } from '../support/world';
import { assertMoved, LIVE, recordOf, Writer } from './live-setup';
import { hanger } from './one-chunk';
import { abortsAfter, abortsInterrupted, abortsUnderWrites } from './stages/live';

let lab: Lab;
beforeAll(async () => {
  lab = await startLab();
});
afterEach(() => lab.endTrials());
afterAll(() => lab.stop());

abortsAfter(['start-capture', 'seal'], () => lab);
abortsInterrupted(['plan'], () => lab);
abortsUnderWrites(['fence'], () => lab);

test('waits for transactions of the application that hold its tables, and fails none of them', async () => {
  const trial = await lab.trial(LIVE);
  await trial.begin();
  await trial.walk('fence');
  await revoke(trial.world(), 'the operator changed her mind');
  await trial.sync().over();
  const { guard, installer } = trial.world().ends.source;
  const epoch = await trial.control.nextEpoch(trial.name);
  await guard.setGuard(await trial.authority(epoch), { state: 'open' });
  await installer.stopCapture(await trial.authority());
  const application = await trial.source.session('app');
  await application.query('BEGIN; UPDATE child SET n = n WHERE parent_id = 1');
  const uninstalled = installer.uninstall(await trial.authority());
  const waits = () =>
    trial.source.sql(`SELECT FROM pg_locks WHERE NOT granted AND relation = 'child'::regclass`);
  while ((await waits()).length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
  await application.query('UPDATE parent SET v = v WHERE id = 1');
  await application.query('COMMIT');
  await uninstalled;
  expect(await trial.source.traces()).toEqual([]);
});

test("the next generation succeeds, and the first one's sync has ended", async () => {
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

describe('a stage that started before an abort and takes effect after it', () => {
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

  test('leaves no capture that the abort misses while the stage waits for its lock', async () => {
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

/** No end is fenced while something would keep the fence waiting or the ends closed: the migration waits, and says why. */
import { catchUp } from '../../src/core/stages/catch-up';
import { cutover } from '../../src/core/stages/cutover';
import { fence } from '../../src/core/stages/fence';
import { reportText } from '../../src/cli/report-text';
import type { World } from '../../src/core/world';
import { startLab, type Lab, type Trial } from '../support/world';
import { assertMoved, isOpen, LIVE, recordOf } from './live-setup';

let lab: Lab;
beforeAll(async () => {
  lab = await startLab();
});
afterEach(() => lab.endTrials());
afterAll(() => lab.stop());

const FAST = 40;
/** A clock that is as much faster as its pauses are shorter. */
function hurried(trial: Trial): World {
  const world = trial.world();
  const startMs = Date.now();
  return { ...world, clock: { ...world.clock, now: () => startMs + (Date.now() - startMs) * FAST } };
}

/** Keeps a transaction open that is longer than a lock attempt. */
async function batch(trial: Trial) {
  const session = await trial.source.session('app');
  await session.query(`BEGIN; UPDATE parent SET v = 'batch' WHERE id = 1`);
  await new Promise((resolve) => setTimeout(resolve, 450));
  return session;
}

const REASON = /^source: session \d+ of login app .* RowExclusiveLock on shop\.parent .*pg_terminate_backend/;
const READINESS = /ready to be fenced/;
const readiness = async (trial: Trial) => (await trial.events()).filter((event) => READINESS.test(event));

test('cdc: a long transaction leaves the source open until it has ended, and then the tables move', async () => {
  const trial = await lab.trial(LIVE);
  await trial.begin();
  await trial.walk('catch-up');
  const session = await batch(trial);
  // The target is not ready either; its opening would fail after the flip.
  await trial.target.sql(
    `CREATE FUNCTION public.refuse() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no'; END $$;
     CREATE EVENT TRIGGER no_ddl ON ddl_command_start WHEN TAG IN ('CREATE FUNCTION') EXECUTE FUNCTION public.refuse();
     ALTER EVENT TRIGGER no_ddl ENABLE ALWAYS`,
  );
  const world = hurried(trial);
  expect(await cutover(trial.context(world))).toBe('returned');
  const { notReady, stage, cutoverAttempts, fencesCancelled } = await recordOf(trial);
  expect({ stage, cutoverAttempts, fencesCancelled }).toEqual({
    ...{ stage: 'backfill', cutoverAttempts: 0, fencesCancelled: 0 },
  });
  expect(notReady!.obstacles).toEqual([
    expect.stringMatching(REASON),
    expect.stringMatching(/^target: the rehearsed opening of the guard fails .*no_ddl/),
  ]);
  expect(await isOpen(trial.source)).toBe(true);

  // It waits longer and longer, and journals the reasons once.
  expect(await catchUp(trial.context(world))).toEqual({ verdict: 'wait', seconds: 2 });
  expect(await catchUp(trial.context(world))).toEqual({ verdict: 'wait', seconds: 3 });
  expect(await readiness(trial)).toEqual(['not ready to be fenced']);
  const report = reportText((await trial.control.report(trial.name))!, 'code');
  expect(report).toContain('not ready to be fenced since 20');
  expect(report).toContain(notReady!.obstacles[0]);

  // After half an hour the migration is held.
  const since = new Date(world.clock.now() - 1_800_001).toISOString();
  await trial.control.changeUnchanged(await recordOf(trial), { notReady: { ...notReady!, since } });
  await expect(catchUp(trial.context(world))).rejects.toThrow(
    /^migration move-\d+ is not ready to be fenced, for 2 reason\(s\), and nothing was fenced:\n- source: session[^]*\n- target: the rehearsed/,
  );

  await trial.target.sql('DROP EVENT TRIGGER no_ddl');
  await session.query('COMMIT');
  await trial.walk('stop-capture');
  await assertMoved(trial);
  expect(await recordOf(trial)).toMatchObject({ notReady: null, cutoverAttempts: 1 });
  expect(await readiness(trial)).toEqual(['not ready to be fenced', 'ready to be fenced']);
});

test('cdc: an earlier stage is not skipped by a call that finds the ends not ready', async () => {
  const trial = await lab.trial(LIVE);
  await trial.begin();
  await trial.walk('start-capture');
  await batch(trial);
  await expect(fence(trial.context(hurried(trial)))).rejects.toThrow(/before the fence|covers .* but/);
  expect(await recordOf(trial)).toMatchObject({ stage: 'start-capture' });
});

test('offline: the fence is tried again later, with every reason in the error', async () => {
  const trial = await lab.trial({ ...LIVE, definition: { fence: { minutes: 10 } } });
  await trial.begin();
  await trial.walk('prepare');
  const session = await batch(trial);
  const fencing = fence(trial.context(hurried(trial)));
  await expect(fencing).rejects.toMatchObject({
    name: 'TransientFailure',
    message: expect.stringMatching(
      /not ready to be fenced, for 1 reason\(s\).*\n- source: session/,
    ) as string,
  });
  expect(await recordOf(trial)).toMatchObject({ stage: 'prepare', writes: 'source', cutoverAttempts: 0 });
  expect(await isOpen(trial.source)).toBe(true);
  await session.query('COMMIT');
  await fence(trial.context());
  expect(await recordOf(trial)).toMatchObject({ stage: 'fence', notReady: null });
  expect(await isOpen(trial.source)).toBe(false);
});

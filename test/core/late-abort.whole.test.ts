/** A call of an earlier abort or generation arrives late, in the next generation: it changes nothing. */
import { prepare } from '../../src/core/stages/prepare';
import { cutover } from '../../src/core/stages/cutover';
import { clean, reopen, revoke, undo } from '../support/undo';
import type { Side } from '../support/side';
import { overriding, startLab, withEnd, type Lab, type Trial } from '../support/world';
import { hanger } from './one-chunk';
import { recordOf } from './live-setup';

let lab: Lab;
beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => lab.stop());
afterEach(() => lab.endTrials());

const isOpen = (side: Side): Promise<boolean> =>
  side.sql(`BEGIN; INSERT INTO t (id) VALUES (-1); ROLLBACK`, 'app').then(
    () => true,
    () => false,
  );
const openSides = async ({ source, target }: Trial) => [
  ...((await isOpen(source)) ? ['source'] : []),
  ...((await isOpen(target)) ? ['target'] : []),
];
const settled = (work: Promise<unknown>) =>
  work.then(
    () => 'done',
    (error: Error) => error.name,
  );

async function startedTrial(): Promise<Trial> {
  const trial = await lab.trial({
    tables: 'CREATE TABLE t (id int PRIMARY KEY)',
    seed: 'INSERT INTO t SELECT generate_series(1, 10); ANALYZE',
  });
  await trial.begin();
  return trial;
}

/** Hangs where the step is about to change a guard: it has read the record. */
function hangingGuards(trial: Trial) {
  const { hang, hangs, wake } = hanger();
  const world = (['source', 'target'] as const).reduce(
    (wrapped, side) =>
      withEnd(wrapped, side, ({ guard }) => ({
        guard: {
          revoke: (...of) => hang(() => guard.revoke(...of)),
          setGuard: (...of) => hang(() => guard.setGuard(...of)),
        },
      })),
    trial.world(),
  );
  return { world, hangs, wake };
}

test('a late revoke before the flip: exactly one side is open at the end', async () => {
  const trial = await startedTrial();
  await trial.walk('prepare');
  const { world, hangs, wake } = hangingGuards(trial);
  const late = settled(revoke(world, 'first'));
  await hangs;
  await trial.abort();
  await trial.begin('execution-2');
  await trial.walk('verify');
  wake();
  const lateRevoke = await late;
  const moved = await settled(cutover(trial.context()));
  const { writes } = await recordOf(trial);
  expect({ lateRevoke, moved, writes, open: await openSides(trial) }).toEqual({
    ...{ lateRevoke, moved: 'done', writes: 'target', open: ['target'] },
  });
});

test('a late reopen after the seal: both sides are never open', async () => {
  const trial = await startedTrial();
  await trial.walk('prepare');
  await revoke(trial.world(), 'first');
  const { world, hangs, wake } = hangingGuards(trial);
  const late = settled(reopen(world));
  await hangs;
  await undo(trial.world());
  await trial.begin('execution-2');
  await trial.walk('seal');
  wake();
  const lateReopen = await late;
  const moved = await settled(cutover(trial.context()));
  expect({ lateReopen, moved, open: await openSides(trial) }).toMatchObject({ open: ['target'] });
});

test('an abort that ends late during the next one: the next one still cleans up', async () => {
  const trial = await startedTrial();
  await trial.walk('prepare');
  await revoke(trial.world(), 'first');
  await reopen(trial.world());
  const { hang, hangs, wake } = hanger();
  const world = trial.world();
  const control = overriding(world.control, {
    setAborted: (...of) => hang(() => world.control.setAborted(...of)),
  });
  const late = settled(clean({ ...world, control }));
  await hangs;
  await clean(trial.world());
  await trial.begin('execution-2');
  await trial.walk('seal');
  await revoke(trial.world(), 'second');
  wake();
  const lateEnd = await late;
  await undo(trial.world());
  const { status, generation } = await recordOf(trial);
  const open = await openSides(trial);
  await trial.begin('execution-3');
  const next = await settled(trial.walk('open'));
  const aborted = await settled(trial.abort());
  expect({ lateEnd, status, generation, open, next, aborted, after: await openSides(trial) }).toEqual({
    ...{ lateEnd, status, generation, open: ['source', 'target'], next: 'done' },
    ...{ aborted: 'WrongState', after: ['target'] },
  });
});

test('a late call to darken an earlier generation: the live target stays open', async () => {
  const trial = await startedTrial();
  await trial.walk('preflight');
  const { hang, hangs, wake } = hanger();
  const world = trial.world();
  let epochs = 0;
  const control = overriding(world.control, {
    nextEpoch: (name) =>
      epochs++ === 0 ? world.control.nextEpoch(name) : hang(() => world.control.nextEpoch(name)),
  });
  const late = settled(prepare(trial.context({ ...world, control })));
  await hangs;
  await trial.abort();
  await trial.begin('execution-2');
  await trial.walk('open');
  expect(await openSides(trial)).toEqual(['target']);
  wake();
  const lateDark = await late;
  expect({ lateDark, open: await openSides(trial) }).toMatchObject({ open: ['target'] });
});

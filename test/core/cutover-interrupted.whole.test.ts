/**
 * The cutover found unequal chunks, reopened them, and is interrupted while it gives writes back. The machine retries it, or cancels
 * it; either way the migration copies the chunks again and finishes by itself.
 */
import { TransientFailure } from '../../src/core/errors';
import type { World } from '../../src/core/world';
import { overriding, startLab, withEnd, type Lab, type Trial } from '../support/world';
import { assertMoved, expireFence, LIVE, recordOf } from './live-setup';

let lab: Lab;
beforeAll(async () => {
  lab = await startLab();
});
afterEach(() => lab.endTrials());
afterAll(() => lab.stop());

async function damaged(): Promise<Trial> {
  const trial = await lab.trial(LIVE);
  await trial.begin();
  await trial.walk('backfill');
  await trial.target.sql("UPDATE parent SET v = 'damaged' WHERE id = 42", 'sluice_worker');
  return trial;
}

const once = (): (() => boolean) => {
  let done = false;
  return () => {
    const first = !done;
    done = true;
    return first;
  };
};

async function outcome(trial: Trial, world: World): Promise<void> {
  await trial.walk('stop-capture', world).catch(async (error: unknown) => {
    const events = await trial.events();
    const { writes, stage, fencesCancelled } = await recordOf(trial);
    throw new Error(
      `${String(error)} | writes ${writes}, stage ${stage}, cancelled ${fencesCancelled} | ${events.slice(-12).join('; ')}`,
    );
  });
  await assertMoved(trial);
}

test('opening the source fails once after the decision', async () => {
  const trial = await damaged();
  const world = trial.world();
  const first = once();
  await outcome(
    trial,
    withEnd(world, 'source', ({ guard }) => ({
      guard: {
        setGuard: async (authority, change) => {
          if (change.state === 'open' && first()) throw new TransientFailure('a short lock could not be had');
          return guard.setGuard(authority, change);
        },
      },
    })),
  );
});

test('the ledger fails once before the decision', async () => {
  const trial = await damaged();
  const world = trial.world();
  const first = once();
  const control = overriding(world.control, {
    setWrites: async (...change) => {
      if (change[1] === 'source' && first()) throw new TransientFailure('throttled');
      return world.control.setWrites(...change);
    },
  });
  await outcome(trial, { ...world, control });
});

test('the fence expires while the chunks are reopened, and the ledger fails once', async () => {
  const trial = await damaged();
  const world = trial.world();
  const first = once();
  const control = overriding(world.control, {
    setWrites: async (...change) => {
      if (change[1] === 'source' && first()) {
        await expireFence(trial);
        throw new TransientFailure('throttled');
      }
      return world.control.setWrites(...change);
    },
  });
  await outcome(trial, { ...world, control });
});

import type { Stage } from '../../src/contract/lifecycle';
import type { World } from '../../src/core/world';
import { overriding, type Trial } from './world';

/** A world in which a stage does its work, and its function dies before the ledger records it. */
export function dyingBefore(trial: Trial, stage: Stage): World {
  const world = trial.world();
  const control = overriding(world.control, {
    finishStage: async (...finished) => {
      if (finished[2] === stage) throw new Error('killed');
      return world.control.finishStage(...finished);
    },
  });
  return { ...world, control };
}

/** Which side takes writes, and a flip that is delayed while something else happens. */
import { flip } from '../../src/core/cutover/flip';
import { overriding, type Trial } from '../support/world';
import { hanger } from './one-chunk';

export const sourceIsOpen = (trial: Trial): Promise<boolean> =>
  trial.source.sql('UPDATE t SET id = id', 'app').then(
    () => true,
    () => false,
  );

/** A flip whose decision is made and does not arrive before `wake` is called. `late` is what became of it: an error, or a run. */
export async function lateFlip(trial: Trial): Promise<{ late: Promise<unknown>; wake: () => void }> {
  const { hang, hangs, wake } = hanger();
  const world = trial.world();
  const control = overriding(world.control, {
    setWrites: (...change) => hang(() => world.control.setWrites(...change)),
  });
  const late = flip(trial.context({ ...world, control })).catch((error: unknown) => error);
  await hangs;
  return { late, wake };
}

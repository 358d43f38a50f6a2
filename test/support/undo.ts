import { clean } from '../../src/core/stages/clean';
import { reopen } from '../../src/core/stages/reopen';
import type { World } from '../../src/core/world';

/** The steps of an abort after the revocation. */
export async function undo(world: World): Promise<void> {
  await reopen(world);
  await clean(world);
}

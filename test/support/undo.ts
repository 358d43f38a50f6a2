/** The steps of an abort of the generation that the ledger names now. */
import type { AbortInput } from '../../src/contract/payloads';
import { clean as cleanStep } from '../../src/core/stages/clean';
import { reopen as reopenStep } from '../../src/core/stages/reopen';
import { revoke as revokeStep } from '../../src/core/stages/revoke';
import type { World } from '../../src/core/world';

/** The input that `sluice abort` would give. */
export async function abortOf(
  { control, definition }: Pick<World, 'control' | 'definition'>,
  reason = 'a test says so',
): Promise<AbortInput> {
  const { name: migration } = definition;
  return { migration, generation: (await control.record(migration))?.generation ?? 1, reason };
}

export const revoke = async (world: World, reason?: string) =>
  revokeStep(world, await abortOf(world, reason));
export const reopen = async (world: World) => reopenStep(world, await abortOf(world));
export const clean = async (world: World) => cleanStep(world, await abortOf(world));

/** The steps of an abort after the revocation. */
export async function undo(world: World): Promise<void> {
  await reopen(world);
  await clean(world);
}

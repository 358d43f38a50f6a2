import type { World } from '../world';
import { causeMessage } from './cause-message';

/** A cause can have 32 KiB; the journal keeps its start. */
const CAUSE_CHARACTERS_MAX = 8_000;

/** Puts a migration on hold after its execution failed. Nothing is undone: `resume` continues, an abort reverts. */
export async function recordFailure(
  world: Pick<World, 'control'>,
  migration: string,
  execution: string,
  failure: { readonly Error: string; readonly Cause: string },
): Promise<{ held: boolean }> {
  const record = await world.control.record(migration);
  if (record?.execution !== execution) return { held: false };
  const reason = `${failure.Error}: ${causeMessage(failure.Cause)}`.slice(0, CAUSE_CHARACTERS_MAX);
  const held = await world.control.release(migration, execution, 'held', reason);
  if (held) await world.control.journal.append(migration, record.generation, 'held', { execution, reason });
  return { held };
}

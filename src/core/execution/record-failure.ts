import { boundedText } from '../bounded-text';
import type { World } from '../world';
import { causeMessage } from './cause-message';

/** Bytes of a reason as JSON: those of an error's text, which its name precedes. */
const REASON_BYTES_MAX = 9_000;

/** Puts a migration on hold after its execution failed. Nothing is undone: `resume` continues, an abort reverts. */
export async function recordFailure(
  world: Pick<World, 'control'>,
  migration: string,
  execution: string,
  failure: { readonly Error: string; readonly Cause: string },
): Promise<{ held: boolean }> {
  const record = await world.control.record(migration);
  if (record?.execution !== execution) return { held: false };
  const reason = boundedText(`${failure.Error}: ${causeMessage(failure.Cause)}`, REASON_BYTES_MAX);
  const held = await world.control.release(migration, execution, 'held', reason);
  if (held) await world.control.journal.append(migration, record.generation, 'held', { execution, reason });
  return { held };
}

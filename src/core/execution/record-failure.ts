import type { World } from '../world';

/** A cause can be 32 KiB; the journal keeps what a person reads. */
const CAUSE_CHARACTERS_MAX = 8_000;

/** Holds the migration that an execution leaves without success. Nothing is undone: `resume` goes on, an abort reverts. */
export async function recordFailure(
  world: Pick<World, 'control'>,
  migration: string,
  execution: string,
  failure: { readonly Error: string; readonly Cause: string },
): Promise<{ held: boolean }> {
  const record = await world.control.record(migration);
  if (record?.owner !== execution) return { held: false };
  const reason = `${failure.Error}: ${messageOf(failure.Cause)}`.slice(0, CAUSE_CHARACTERS_MAX);
  const held = await world.control.release(migration, execution, 'held', reason);
  if (held) await world.control.journal.append(migration, record.generation, 'held', { execution, reason });
  return { held };
}

/** A function's error reaches Step Functions as JSON. */
function messageOf(cause: string): string {
  try {
    const parsed = JSON.parse(cause) as { errorMessage?: unknown };
    return typeof parsed.errorMessage === 'string' ? parsed.errorMessage : cause;
  } catch {
    return cause;
  }
}

import { FencedOut, TransientFailure } from './errors';
import type { Clock, TargetTable, Ticket } from './ports';

/** One fenced statement; answers whether its fence held. */
export type Write = (ticket: Ticket) => Promise<boolean>;

const TRIES = 4;
const WAIT_MS = 200;

/**
 * Runs a fenced write until its outcome is certain. A lost answer is resolved by the lease: if it stands at this
 * ticket's number, an earlier request of ours did the work; if it still stands before it, nothing was done and the same
 * statement may go again, since of two copies only one can consume the number.
 * @throws FencedOut if a newer claim or an abort rules
 * @throws TransientFailure if the outcome stays unknown
 */
export async function settleWrite(
  target: TargetTable,
  clock: Clock,
  ticket: Ticket,
  write: Write,
): Promise<void> {
  let failure: unknown = null;
  for (let attempt = 1; attempt <= TRIES; attempt += 1) {
    try {
      if (await write(ticket)) return;
      failure = null;
    } catch (error) {
      if (!(error instanceof TransientFailure)) throw error;
      failure = error;
      await clock.sleep(WAIT_MS * attempt);
    }
    const lease = await readLease(target, ticket, failure);
    if (lease === 'unreachable') continue;
    if (lease === null || lease.token !== ticket.token || !lease.open) {
      throw new FencedOut(`a newer claim or an abort holds the lease of ${ticket.scope}`);
    }
    if (lease.seq === ticket.seq) return;
    if (lease.seq !== ticket.seq - 1) {
      throw new FencedOut(
        `the lease of ${ticket.scope} stands at ${lease.seq}, this worker at ${ticket.seq}`,
      );
    }
  }
  throw failure instanceof Error
    ? failure
    : new TransientFailure(`the outcome of a write to ${ticket.scope} is unknown`);
}

async function readLease(target: TargetTable, ticket: Ticket, failure: unknown) {
  try {
    return await target.readLease(ticket.scope);
  } catch (error) {
    if (error instanceof TransientFailure && failure !== null) return 'unreachable' as const;
    throw error;
  }
}

/** Repeats an idempotent call while it fails for a passing reason. */
export async function repeatCall<T>(clock: Clock, call: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof TransientFailure) || attempt === TRIES) throw error;
      await clock.sleep(WAIT_MS * attempt);
    }
  }
}

import { FencedOut, TransientFailure } from './errors';
import type { Clock, Leases, LeaseState, Ticket } from './ports';

/** One fenced statement; answers whether its fence held. */
export type Write = (ticket: Ticket) => Promise<boolean>;

/** One fenced statement that answers more than that; null: its fence did not hold. */
export type AnsweredWrite<T> = (ticket: Ticket) => Promise<T | null>;

const TRIES = 4;
const WAIT_MS = 200;

/**
 * Runs a fenced write until it is certain that it was done.
 * @throws FencedOut if a newer claim or an abort rules
 * @throws TransientFailure if the outcome stays unknown
 */
export async function settleWrite(
  leases: Pick<Leases, 'read'>,
  clock: Clock,
  ticket: Ticket,
  write: Write,
): Promise<void> {
  await settleAnswer(leases, clock, ticket, async (held) => (await write(held)) || null);
}

/**
 * Runs a fenced write until its outcome is certain. A lost answer is resolved by the lease: if it stands at this
 * ticket's number, an earlier request of ours did the work; if it still stands before it, nothing was done and the same
 * statement may go again, since of two copies only one can consume the number. Null: it was done, and what it answered is
 * lost.
 * @throws FencedOut if a newer claim or an abort rules
 * @throws TransientFailure if the outcome stays unknown
 */
export async function settleAnswer<T>(
  leases: Pick<Leases, 'read'>,
  clock: Clock,
  ticket: Ticket,
  write: AnsweredWrite<T>,
): Promise<T | null> {
  let failure: TransientFailure | null = null;
  for (let attempt = 1; attempt <= TRIES; attempt += 1) {
    try {
      const answer = await write(ticket);
      if (answer !== null) return answer;
    } catch (error) {
      failure = passing(error);
      await clock.sleep(WAIT_MS * attempt);
    }
    try {
      if (isDone(await leases.read(ticket.scope), ticket)) return null;
    } catch (error) {
      failure = passing(error);
    }
  }
  throw failure ?? new TransientFailure(`the outcome of a write to ${ticket.scope} is unknown`);
}

/** Gives back an error that is worth another try, and throws every other. */
function passing(error: unknown): TransientFailure {
  if (error instanceof TransientFailure) return error;
  throw error;
}

/** Whether the lease says that the ticket's write was done. @throws FencedOut if it cannot be done any more */
function isDone(lease: LeaseState | null, { scope, token, seq }: Ticket): boolean {
  if (lease === null || lease.token !== token || !lease.open) {
    throw new FencedOut(`a newer claim or an abort holds the lease of ${scope}`);
  }
  if (lease.seq === seq || lease.seq === seq - 1) return lease.seq === seq;
  throw new FencedOut(`the lease of ${scope} stands at ${lease.seq}, this worker at ${seq}`);
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

import { FencedOut, TransientFailure } from './errors';
import type { Clock, Leases, LeaseState, Ticket } from './ports';

/** One write under a lease; returns whether the lease was held. */
export type Write = (ticket: Ticket) => Promise<boolean>;

/** One write under a lease that returns a result; null: the lease was not held. */
export type ResultWrite<T> = (ticket: Ticket) => Promise<T | null>;

const TRIES = 4;
const WAIT_MS = 200;

/**
 * Runs a write under a lease until it is certain that it was executed.
 * @throws FencedOut if a newer claim or an abort holds the lease
 * @throws TransientFailure if the outcome stays unknown
 */
export async function settleWrite(
  leases: Pick<Leases, 'read'>,
  clock: Clock,
  ticket: Ticket,
  write: Write,
): Promise<void> {
  await settleResult(leases, clock, ticket, async (held) => (await write(held)) || null);
}

/**
 * Runs a write under a lease until its outcome is certain. The lease resolves a lost response: if its sequence number equals
 * the ticket's, an earlier request of this worker was executed; if it is one less, none was, and the statement may be sent
 * again, because only one of two copies can consume the number. Null: it was executed, and its result is lost.
 * @throws FencedOut if a newer claim or an abort holds the lease
 * @throws TransientFailure if the outcome stays unknown
 */
export async function settleResult<T>(
  leases: Pick<Leases, 'read'>,
  clock: Clock,
  ticket: Ticket,
  write: ResultWrite<T>,
): Promise<T | null> {
  let failure: TransientFailure | null = null;
  for (let attempt = 1; attempt <= TRIES; attempt += 1) {
    try {
      const result = await write(ticket);
      if (result !== null) return result;
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

/** Returns a transient error, and throws every other one. */
function passing(error: unknown): TransientFailure {
  if (error instanceof TransientFailure) return error;
  throw error;
}

/** Whether the ticket's write was executed. @throws FencedOut if it no longer can be */
function isDone(lease: LeaseState | null, { scope, token, seq }: Ticket): boolean {
  if (lease === null || lease.token !== token || !lease.open) {
    throw new FencedOut(`a newer claim or an abort holds the lease of ${scope}`);
  }
  if (lease.seq === seq || lease.seq === seq - 1) return lease.seq === seq;
  throw new FencedOut(`the lease of ${scope} is at ${lease.seq}, and this worker at ${seq}`);
}

/** Repeats an idempotent call while its errors are transient. */
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

/** Keeps transactions open across calls. */
import { randomBytes } from 'node:crypto';

import { databaseError, endsSession, ServiceError, serviceError } from './errors';
import type { Session, Sessions, SessionTarget } from './sessions';
import type { TimeLimit } from './time-limit';

/** Why a transaction is no longer found. The service appends the reason to its message. */
const CAUSES = {
  expired: 'The transaction has expired',
  ended: 'The transaction has already been committed or rolled back',
  aborted: 'Transaction has been aborted due to an error from a previous call',
} as const;

export type Cause = keyof typeof CAUSES;

const TRANSACTION_MS_MAX = 24 * 3_600_000;
const REMEMBERED_MAX = 10_000;

export interface Transaction {
  readonly id: string;
  readonly target: SessionTarget;
  readonly session: Session;
  readonly expiresAt: number;
  busy: boolean;
  timer: NodeJS.Timeout | undefined;
}

export class Transactions {
  private readonly open = new Map<string, Transaction>();
  /** Of the transactions that ended most recently. */
  private readonly causes = new Map<string, Cause>();

  constructor(
    private readonly sessions: Sessions,
    private readonly idleMs: number,
    private readonly timeLimit: TimeLimit,
  ) {}

  async begin(target: SessionTarget): Promise<string> {
    const session = await this.sessions.acquire(target);
    try {
      await this.timeLimit.limit(session, session.client.query('begin'));
    } catch (error) {
      session.release(false);
      throw serviceError(error);
    }
    const id = randomBytes(66).toString('base64');
    const expiresAt = Date.now() + TRANSACTION_MS_MAX;
    const transaction: Transaction = { id, target, session, expiresAt, busy: false, timer: undefined };
    this.open.set(id, transaction);
    this.waitForNextCall(transaction);
    return id;
  }

  /**
   * Runs one call on the transaction's session. An error of the call aborts the transaction, except a
   * ValidationException, which never reached the database.
   *
   * @throws ServiceError TransactionNotFoundException, DatabaseErrorException if another call is still running
   */
  async use<T>(
    id: string,
    target: Partial<SessionTarget>,
    call: (session: Session) => Promise<T>,
  ): Promise<T> {
    const transaction = this.take(id, target);
    try {
      const result = await call(transaction.session);
      this.release(transaction);
      return result;
    } catch (error) {
      if (error instanceof ServiceError && error.name === 'ValidationException') this.release(transaction);
      else await this.end(transaction, 'aborted');
      throw error;
    }
  }

  /** @throws ServiceError also if the database may have committed: without its response, the outcome is unknown */
  async commit(id: string, target: Partial<SessionTarget>): Promise<void> {
    const transaction = this.take(id, target);
    const { session } = transaction;
    try {
      await this.timeLimit.limit(session, session.client.query('commit'));
    } catch (error) {
      const databaseResponded = !(error instanceof ServiceError) && !endsSession(error as Error);
      await this.end(transaction, databaseResponded ? 'aborted' : 'ended');
      throw serviceError(error);
    }
    await this.end(transaction, 'ended');
  }

  async rollback(id: string, target: Partial<SessionTarget>): Promise<void> {
    const transaction = this.take(id, target);
    await this.end(transaction, 'ended');
    // The server does not respond. It rolls back when it resumes, and keeps the locks until then.
    if (transaction.session.isCancelled) throw this.timeLimit.exceeded(transaction.session);
  }

  close(): void {
    for (const { timer } of this.open.values()) clearTimeout(timer);
  }

  private take(id: string, target: Partial<SessionTarget>): Transaction {
    const transaction = this.open.get(id);
    if (transaction === undefined || !isSame(transaction.target, target, ['clusterArn', 'secretArn'])) {
      const cause = this.causes.get(id);
      const why = cause === undefined ? '' : `. ${CAUSES[cause]}`;
      throw new ServiceError('TransactionNotFoundException', `Transaction ${id} is not found${why}`);
    }
    if (!isSame(transaction.target, target, ['database'])) {
      throw new ServiceError('ValidationException', "Database name is not the same as the transaction's");
    }
    if (transaction.busy) {
      throw new ServiceError('DatabaseErrorException', 'Transaction is still running a query');
    }
    clearTimeout(transaction.timer);
    this.throwIfEnded(transaction);
    transaction.busy = true;
    return transaction;
  }

  /** Reports why the server ended the idle session to the next call; later calls do not find the transaction. */
  private throwIfEnded(transaction: Transaction): void {
    const { ending } = transaction.session;
    if (ending === undefined) return;
    this.forget(transaction, 'aborted');
    transaction.session.release(false);
    throw databaseError(ending);
  }

  private release(transaction: Transaction): void {
    transaction.busy = false;
    this.waitForNextCall(transaction);
  }

  /** Expires the transaction unless another call arrives in time. */
  private waitForNextCall(transaction: Transaction): void {
    const waitMs = Math.min(this.idleMs, transaction.expiresAt - Date.now());
    transaction.timer = setTimeout(() => void this.end(transaction, 'expired'), waitMs);
  }

  /** Rolls back a transaction that is still open. Its session is reusable only if that succeeds. */
  private async end(transaction: Transaction, cause: Cause): Promise<void> {
    this.forget(transaction, cause);
    const { session } = transaction;
    try {
      if (session.isCancelled) throw new Error('a cancelled statement may still run');
      if (session.isInTransaction) await this.timeLimit.limit(session, session.client.query('rollback'));
      session.release(true);
    } catch {
      // Once the socket is closed, the server rolls back by itself.
      session.release(false);
    }
  }

  private forget(transaction: Transaction, cause: Cause): void {
    clearTimeout(transaction.timer);
    this.open.delete(transaction.id);
    this.causes.set(transaction.id, cause);
    for (const oldest of this.causes.keys()) {
      if (this.causes.size <= REMEMBERED_MAX) break;
      this.causes.delete(oldest);
    }
  }
}

/** Compares only the members that the call contains. */
function isSame(
  target: SessionTarget,
  wanted: Partial<SessionTarget>,
  members: readonly (keyof SessionTarget)[],
): boolean {
  return members.every((member) => wanted[member] === undefined || wanted[member] === target[member]);
}

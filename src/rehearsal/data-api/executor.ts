/** Runs statements under the service's time limit, on a session of the pool or of a transaction. */
import type { BoundParameters } from './parameters';
import { ServiceError } from './errors';
import type { Session, Sessions, SessionTarget } from './sessions';
import { LIMITS, runStatement, type RawResult, type ResultLimits } from './statement';
import type { Transactions } from './transactions';

export interface ExecutorOptions {
  readonly limits: ResultLimits;
  readonly statementTimeoutMs: number;
}

/** Where a call runs: on any session of the target, or on the transaction's if its target is the one named. */
export type Place =
  | { readonly transactionId: undefined; readonly target: SessionTarget }
  | { readonly transactionId: string; readonly target: Partial<SessionTarget> };

/** A call's own use of a session; `run` may be called several times. */
export type Work<T> = (
  session: Session,
  run: (text: string, bound: BoundParameters) => Promise<RawResult>,
) => Promise<T>;

export class Executor {
  constructor(
    private readonly sessions: Sessions,
    private readonly transactions: Transactions,
    private readonly options: ExecutorOptions,
  ) {}

  /**
   * @param continueAfterTimeout the caller still gets the timeout, but the statement goes on
   * @throws ServiceError StatementTimeoutException; the work's own; those of the transaction or connection
   */
  async execute<T>(place: Place, continueAfterTimeout: boolean, work: Work<T>): Promise<T> {
    if (place.transactionId !== undefined) {
      return this.transactions.use(place.transactionId, place.target, async (session) => {
        const result = await this.timed(session, false, work).caller;
        if (!session.isInTransaction) throw transactionControl();
        return result;
      });
    }
    const session = await this.sessions.acquire(place.target);
    const { caller, whole } = this.timed(session, continueAfterTimeout, work);
    whole.then(
      () => session.release(!session.isInTransaction),
      // A cancelled session is discarded by its own release; after an ordinary error it serves again.
      () => session.release(true),
    );
    const result = await caller;
    if (session.isInTransaction) throw transactionControl();
    return result;
  }

  /** `caller` is what the caller gets, at the latest when time is up; `whole` settles with the work itself. */
  private timed<T>(
    session: Session,
    continueAfterTimeout: boolean,
    work: Work<T>,
  ): { caller: Promise<T>; whole: Promise<T> } {
    const { limits, statementTimeoutMs } = this.options;
    const whole = work(session, async (text, bound) => {
      if (session.isStopped) throw timeout(session, statementTimeoutMs);
      return runStatement(session.client, text, bound, limits, () => session.cancel());
    });
    const caller = new Promise<T>((resolve, reject) => {
      const timer = setTimeout(() => {
        if (!continueAfterTimeout) session.cancel();
        reject(timeout(session, statementTimeoutMs));
      }, statementTimeoutMs);
      whole.then(resolve, reject).finally(() => clearTimeout(timer));
    });
    return { caller, whole };
  }
}

export function limitsFor(rowLimit: 'enforced' | 'off'): ResultLimits {
  return rowLimit === 'enforced' ? LIMITS : { ...LIMITS, rowBytesMax: LIMITS.resultBytesMax };
}

function timeout(session: Session, timeoutMs: number): ServiceError {
  return new ServiceError('StatementTimeoutException', `Request timed out after ${timeoutMs} ms`, {
    dbConnectionId: session.processId,
  });
}

/** A BEGIN, COMMIT or ROLLBACK in a call's SQL would leave a pooled session, or an id, in a state of its own. */
function transactionControl(): ServiceError {
  return new ServiceError(
    'DatabaseErrorException',
    'ERROR: transaction control statements are not supported, use BeginTransaction, CommitTransaction and RollbackTransaction; SQLState: 0A000',
  );
}

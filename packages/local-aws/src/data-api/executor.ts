/** Runs statements under the service's time limit, on a session of the pool or of a transaction. */
import type { BoundParameters } from './parameters';
import { refuseStatement } from './refused-statements';
import type { Session, Sessions, SessionTarget } from './sessions';
import { LIMITS, runStatement, type RawResult, type ResultLimits } from './statement';
import type { TimeLimit } from './time-limit';
import type { Transactions } from './transactions';

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
    private readonly limits: ResultLimits,
    private readonly timeLimit: TimeLimit,
  ) {}

  /**
   * @param continueAfterTimeout the caller still gets the timeout, but the statement goes on
   * @throws ServiceError StatementTimeoutException; the work's own; those of the transaction or connection
   */
  async execute<T>(place: Place, continueAfterTimeout: boolean, work: Work<T>): Promise<T> {
    if (place.transactionId !== undefined) {
      return this.transactions.use(place.transactionId, place.target, (session) =>
        this.timeLimit.hold(session, this.perform(session, work)),
      );
    }
    const session = await this.sessions.acquire(place.target);
    const whole = this.perform(session, work);
    // When the work itself is over, however long after the caller was answered. A cancelled session is discarded by its
    // own release; after an ordinary error it serves again.
    const release = (): void => session.release(true);
    whole.then(release, release);
    return this.timeLimit.hold(session, whole, continueAfterTimeout);
  }

  private perform<T>(session: Session, work: Work<T>): Promise<T> {
    return work(session, async (text, bound) => {
      if (session.isStopped) throw this.timeLimit.exceeded(session);
      refuseStatement(text);
      return runStatement(session.client, text, bound, this.limits, () => session.cancel());
    });
  }
}

export function limitsFor(rowLimit: 'enforced' | 'off'): ResultLimits {
  return rowLimit === 'enforced' ? LIMITS : { ...LIMITS, rowBytesMax: LIMITS.resultBytesMax };
}

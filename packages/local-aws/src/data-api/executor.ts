/** Runs statements within the service's time limit, on a session from the pool or of a transaction. */
import { databaseError } from './errors';
import type { BoundParameters } from './parameters';
import { refuseStatement } from './refused-statements';
import type { Session, Sessions, SessionTarget } from './sessions';
import { LIMITS, runStatement, type RawResult, type ResultLimits } from './statement';
import type { TimeLimit } from './time-limit';
import type { Transactions } from './transactions';

/** Where a call runs: on any session of the target, or on the session of the transaction, whose target must match. */
export type Place =
  | { readonly transactionId: undefined; readonly target: SessionTarget }
  | { readonly transactionId: string; readonly target: Partial<SessionTarget> };

/** The work of one call on a session. It may call `run` several times. */
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
   * @param continueAfterTimeout the caller still gets the timeout, but the statement continues
   * @throws ServiceError StatementTimeoutException; any error of the work, the transaction or the connection
   */
  async execute<T>(place: Place, continueAfterTimeout: boolean, work: Work<T>): Promise<T> {
    if (place.transactionId !== undefined) {
      return this.transactions.use(place.transactionId, place.target, (session) =>
        this.timeLimit.limit(session, this.perform(session, work)),
      );
    }
    const session = await this.sessions.acquire(place.target);
    const whole = this.perform(session, work);
    // Release only when the work itself ends, which may be long after the caller got its response. `release` drops a
    // cancelled or ended session; after an ordinary error the session is reusable.
    const release = (): void => session.release(true);
    whole.then(release, release);
    return this.timeLimit.limit(session, whole, continueAfterTimeout);
  }

  private perform<T>(session: Session, work: Work<T>): Promise<T> {
    return work(session, async (text, bound) => {
      if (session.isCancelled) throw this.timeLimit.exceeded(session);
      if (session.ending !== undefined) throw databaseError(session.ending);
      refuseStatement(text);
      return runStatement(session.client, text, bound, this.limits, () => session.cancel());
    });
  }
}

export function limitsFor(rowLimit: 'enforced' | 'off'): ResultLimits {
  return rowLimit === 'enforced' ? LIMITS : { ...LIMITS, rowBytesMax: LIMITS.resultBytesMax };
}

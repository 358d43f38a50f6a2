/** Applies the service's time limit to a call, regardless of what the call runs. */
import { ServiceError } from './errors';
import type { Session } from './sessions';

export class TimeLimit {
  constructor(private readonly ms: number) {}

  /**
   * Settles as the work does, or cancels the session at the time limit.
   * @param continueAfterTimeout the caller still gets the timeout, but the work continues
   * @throws ServiceError StatementTimeoutException; any error of the work
   */
  limit<T>(session: Session, work: Promise<T>, continueAfterTimeout = false): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const timer = setTimeout(() => {
        if (!continueAfterTimeout) session.cancel();
        reject(this.exceeded(session));
      }, this.ms);
      work.then(resolve, reject).finally(() => clearTimeout(timer));
    });
  }

  exceeded(session: Session): ServiceError {
    return new ServiceError('StatementTimeoutException', `Request timed out after ${this.ms} ms`, {
      dbConnectionId: session.processId,
    });
  }
}

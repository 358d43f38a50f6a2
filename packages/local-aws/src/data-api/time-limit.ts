/** The service's time for a call, whatever it asks of the database. */
import { ServiceError } from './errors';
import type { Session } from './sessions';

export class TimeLimit {
  constructor(private readonly ms: number) {}

  /**
   * Settles with the work, unless that takes too long: then the session is cancelled.
   * @param goesOn the caller gets the timeout all the same, but the work is let go on
   * @throws ServiceError StatementTimeoutException; what the work throws
   */
  hold<T>(session: Session, work: Promise<T>, goesOn = false): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const timer = setTimeout(() => {
        if (!goesOn) session.cancel();
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

import { TransientFailure } from '../../core/errors';

/**
 * The database refused a statement. `message` may quote row data: for statements that carry rows it must not leave the
 * process, whereas `sqlState` and `constraint` may.
 */
export class StatementRefused extends Error {
  override readonly name = 'StatementRefused';
  /** The side, login, and function or table of the statement, if they are known. */
  where: string | null = null;
  constructor(
    message: string,
    /** The SQLSTATE, five characters, or null if the service reported none. */
    readonly sqlState: string | null,
    readonly constraint: string | null,
  ) {
    super(message);
  }
}

/** The statement was not executed, for a reason that may not recur. */
export class NotExecuted extends TransientFailure {
  constructor(
    message: string,
    /** The SQLSTATE, or the name of the service's error. */
    readonly code: string,
  ) {
    super(message);
  }
}

/** The statement may or may not have run: check the database before continuing. */
export class OutcomeUnknown extends TransientFailure {}

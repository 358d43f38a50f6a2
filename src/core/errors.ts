import { ERRORS, type ErrorName } from '../contract/errors';

/** Base of every error that Sluice throws on purpose; `name` is what Step Functions matches. */
export abstract class SluiceError extends Error {
  abstract override readonly name: ErrorName;
}

const list = (problems: readonly string[]): string => problems.map((problem) => `\n- ${problem}`).join('');

/** An error with a list, of any length. A function reports the first entries only. */
export abstract class ListedError extends SluiceError {
  constructor(
    /** The message without the list. */
    readonly heading: string,
    readonly entries: readonly string[],
  ) {
    super(`${heading}:${list(entries)}`);
  }
}

/** A definition that cannot be used; lists every problem with its remedy. */
export class InvalidDefinition extends ListedError {
  override readonly name = ERRORS.malformedInput;
  constructor(
    migration: string,
    readonly problems: readonly string[],
  ) {
    super(`migration ${migration}: the definition has ${problems.length} problem(s)`, problems);
  }
}

/** A request to change settings that cannot be met; lists every problem with its remedy. */
export class SettingsRefused extends ListedError {
  override readonly name = ERRORS.malformedInput;
  constructor(
    migration: string,
    readonly problems: readonly string[],
  ) {
    super(`migration ${migration}: no setting was changed, for ${problems.length} problem(s)`, problems);
  }
}

/** The input of an execution is not one. */
export class MalformedInput extends SluiceError {
  override readonly name = ERRORS.malformedInput;
}

export class UnknownMigration extends SluiceError {
  override readonly name = ERRORS.unknownMigration;
  constructor(name: string) {
    const file = /^[a-z0-9-]{1,40}$/.test(name) ? `migrations/${name}.ts` : 'its file in migrations/';
    super(
      `there is no migration ${JSON.stringify(name)} in this deployment; write ${file} and deploy, or correct the name`,
    );
  }
}

/** A record that another version of Sluice wrote. */
export class UnknownFormat extends SluiceError {
  override readonly name = ERRORS.unknownFormat;
  constructor(migration: string, format: unknown) {
    const remedy =
      format === undefined
        ? 'Finish or abort it with the version of Sluice that started it, then give the new migration another name'
        : 'Deploy the version of Sluice that wrote it, or a later one';
    super(
      `the record of migration ${migration} has ${format === undefined ? 'no format number' : `format ${JSON.stringify(format)}`}, which this version of Sluice does not read. ${remedy}`,
    );
  }
}

export class AlreadyRunning extends SluiceError {
  override readonly name = ERRORS.alreadyRunning;
  constructor(
    migration: string,
    readonly execution: string,
  ) {
    super(`migration ${migration} is being run by ${execution}; wait for it, or stop it with an abort`);
  }
}

/** One finding of preflight. */
export interface Problem {
  /** The check that found it, e.g. `usable-key`. */
  readonly check: string;
  /** The table, column or endpoint concerned. */
  readonly subject: string;
  /** The problem, with the observed value. Never row data. */
  readonly found: string;
  readonly remedy: string;
}

/** The findings of preflight. */
export interface Assessment {
  /** Every reason not to start. */
  readonly problems: readonly Problem[];
  /** Findings that do not stop the migration, but that the operator has to know. */
  readonly notices: readonly Problem[];
}

/** Formats a finding for people. */
export const problemText = ({ check, subject, found, remedy }: Problem): string =>
  `${subject}: ${found}. ${remedy} [${check}]`;

export class PreflightFailed extends ListedError {
  override readonly name = ERRORS.preflightFailed;
  constructor(
    migration: string,
    readonly problems: readonly Problem[],
    changed = 'nothing was changed',
  ) {
    super(
      `preflight refuses migration ${migration} for ${problems.length} problem(s); ${changed}`,
      problems.map(problemText),
    );
  }
}

/** A lock could not be acquired in time, a connection broke, or a database was resuming: a retry may succeed. */
export class TransientFailure extends SluiceError {
  override readonly name = ERRORS.transient;
}

/** A newer claim or an abort took over; this worker changed nothing. */
export class FencedOut extends SluiceError {
  override readonly name = ERRORS.fenced;
}

/** A guard is newer than the ledger, whose decisions may be out of date. */
export class RestoredLedger extends SluiceError {
  override readonly name = ERRORS.restoredLedger;
}

/** Another control plane owns the guard: this call changed nothing, and repeating it cannot help. */
export class ForeignOwner extends SluiceError {
  override readonly name = ERRORS.foreignOwner;
}

export class FenceExpired extends SluiceError {
  override readonly name = ERRORS.fenceExpired;
}

export class RowsRefused extends SluiceError {
  override readonly name = ERRORS.rowsRefused;
}

export class CopyFailed extends SluiceError {
  override readonly name = ERRORS.copyFailed;
}

export class VerificationFailed extends SluiceError {
  override readonly name = ERRORS.verificationFailed;
}

export class InconsistentLedger extends SluiceError {
  override readonly name = ERRORS.inconsistentLedger;
}

/** Changes may be missing from the change log: this generation can only be aborted. */
export class CaptureLost extends SluiceError {
  override readonly name = ERRORS.captureLost;
}

export class NotCaughtUp extends SluiceError {
  override readonly name = ERRORS.notCaughtUp;
}

export class RowFunctionFailed extends SluiceError {
  override readonly name = ERRORS.rowFunctionFailed;
}

export class WrongState extends SluiceError {
  override readonly name = ERRORS.wrongState;
}

/** A deployment's functions may only reach the endpoints of its own definitions. */
export class EndpointDenied extends SluiceError {
  override readonly name = ERRORS.endpointDenied;
}

/** The history of an execution is almost full. Nothing is wrong: another execution continues. */
export class HistoryFull extends SluiceError {
  override readonly name = ERRORS.historyFull;
}

import { InconsistentLedger } from '../errors';
import type { MigrationRecord } from '../ledger';

/** Epochs that the decision to abort reserves, one for each step that changes guards. */
export const ABORT_EPOCHS = 3;

/** Epochs of an abort's steps. They belong to the decision, so a repeated abort uses the same ones. */
export interface AbortEpochs {
  readonly revoke: number;
  readonly reopen: number;
  readonly clean: number;
}

/** @throws InconsistentLedger if the record's abort was never decided */
export function abortEpochsOf({ migration, abortEpoch }: MigrationRecord): AbortEpochs {
  if (abortEpoch === null)
    throw new InconsistentLedger(`migration ${migration} is being aborted, but no epoch is reserved for it`);
  return { revoke: abortEpoch, reopen: abortEpoch + 1, clean: abortEpoch + 2 };
}

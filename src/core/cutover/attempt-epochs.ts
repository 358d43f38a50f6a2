import { InconsistentLedger } from '../errors';
import type { GuardStatus } from '../guard-ports';
import type { MigrationRecord } from '../ledger';
import type { Control } from '../world';

/** Epochs that the intent of a cutover attempt reserves, one for each change of a guard. */
export const ATTEMPT_EPOCHS = 4;

/**
 * Epochs of a cutover attempt's changes of guards, in their order. They belong to the attempt, so two invocations of one step
 * use the same one, and everything of the next attempt is newer.
 */
export interface AttemptEpochs {
  readonly fence: number;
  readonly seal: number;
  readonly open: number;
  readonly cancel: number;
}

/** @throws InconsistentLedger if no attempt was intended */
export function attemptEpochsOf({
  migration,
  writes,
  fenceEpoch,
}: Pick<MigrationRecord, 'migration' | 'writes' | 'fenceEpoch'>): AttemptEpochs {
  if (fenceEpoch === null)
    throw new InconsistentLedger(
      `writes of migration ${migration} are ${writes}, but no epoch is reserved for a cutover`,
    );
  return { fence: fenceEpoch, seal: fenceEpoch + 1, open: fenceEpoch + 2, cancel: fenceEpoch + 3 };
}

/**
 * The epoch that opens a guard. An adoption gives a guard an epoch that is newer than the reserved one: then it draws another.
 * Decide only after this call whether the guard may be opened.
 */
export const openingEpoch = (
  control: Pick<Control, 'nextEpoch'>,
  migration: string,
  guard: GuardStatus | null,
  reserved: number | null,
): Promise<number> | number =>
  reserved === null || (guard !== null && guard.epoch > reserved) ? control.nextEpoch(migration) : reserved;

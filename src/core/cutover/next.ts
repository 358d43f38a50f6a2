import { stagesOfStep, type Shape, type Stage } from '../../contract/lifecycle';
import type { MigrationRecord } from '../ledger';
import type { GuardStatus } from '../ports';
import { isFinished } from '../stages/stage';

export const CUTOVER = 'cutover';

/** What the ledger says that the cutover is decided by. */
export type CutoverRecord = Pick<MigrationRecord, 'shape' | 'stage' | 'writes'>;

/**
 * The next inner step of the write cutover, as ledger and guards stand: its first unfinished stage. Who takes a cutover over reads this
 * and continues; two invocations at once read the same. `expired`: the source is not fenced any more although the ledger says so, so
 * what was done under the fence is void. `done`: the receiving end serves.
 * @param guard of the end that rows come from
 */
export function next(record: CutoverRecord, guard: GuardStatus | null): Stage | 'expired' | 'done' {
  const stages = cutoverStages(record.shape);
  const step = stages.find((stage) => !isFinished(record, stage)) ?? 'done';
  const isFenced = isFinished(record, 'fence') && !isFinished(record, 'seal');
  return isFenced && !isClosed(guard) ? 'expired' : step;
}

/** Stages of a shape's cutover, in order. */
export const cutoverStages = (shape: Shape): readonly Stage[] => stagesOfStep(shape, CUTOVER);

/** Whether an end refuses the application's writes, and will not accept them by itself before the next step. */
export const isClosed = (guard: GuardStatus | null): boolean =>
  guard?.state === 'sealed' || (guard?.state === 'fenced' && !guard.expired);

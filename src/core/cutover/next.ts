import { stageBefore, stagesOfStep, type Shape, type Stage } from '../../contract/lifecycle';
import type { MigrationRecord } from '../ledger';
import type { GuardStatus } from '../guard-ports';
import { isFinished } from '../execution/run-stage';

export const CUTOVER = 'cutover';

/** The fields of the record that decide the next step. */
export type CutoverRecord = Pick<MigrationRecord, 'shape' | 'stage'>;

/**
 * The next inner step of the write cutover: its first unfinished stage, according to the ledger and the guard. Any invocation
 * can take over a cutover; two concurrent ones read the same.
 * - `returned`: writes were returned, so the stages before the cutover come first again.
 * - `expired`: the side is no longer fenced although the ledger says so, and the work done under the fence is void.
 * - `done`: the receiving end serves.
 * @param guard of the end that rows come from; null also if `dependsOnGuard` says that it is not needed
 */
export function next(
  record: CutoverRecord,
  guard: GuardStatus | null,
): Stage | 'returned' | 'expired' | 'done' {
  const step = cutoverStages(record.shape).find((stage) => !isFinished(record, stage)) ?? 'done';
  if (step === 'fence' && !mayFence(record)) return 'returned';
  return isFenced(record) && !isClosed(guard) ? 'expired' : step;
}

/** Whether the decision depends on the guard; before the fence and after the seal it does not. */
export const dependsOnGuard = (record: CutoverRecord): boolean => isFenced(record) || !mayFence(record);

const isFenced = (record: CutoverRecord): boolean =>
  isFinished(record, 'fence') && !isFinished(record, 'seal');

/** Whether every stage before the fence is finished: an earlier fence would close the side needlessly. */
export function mayFence(record: Pick<CutoverRecord, 'shape' | 'stage'>): boolean {
  const before = stageBefore(record.shape, 'fence');
  return before === null || isFinished(record, before);
}

/** Stages of a shape's cutover, in order. */
export const cutoverStages = (shape: Shape): readonly Stage[] => stagesOfStep(shape, CUTOVER);

/** Whether an end refuses the application's writes, and its fence has not expired. */
export const isClosed = (guard: GuardStatus | null): boolean =>
  guard?.state === 'sealed' || (guard?.state === 'fenced' && !guard.expired);

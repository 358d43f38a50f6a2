import { stageBefore, stagesOfStep, type Shape, type Stage } from '../../contract/lifecycle';
import type { MigrationRecord } from '../ledger';
import type { GuardStatus } from '../ports';
import { isFinished } from '../execution/run-stage';

export const CUTOVER = 'cutover';

/** What the ledger says that the cutover is decided by. */
export type CutoverRecord = Pick<MigrationRecord, 'shape' | 'stage'>;

/**
 * The next inner step of the write cutover, as ledger and guard stand: its first unfinished stage. Any invocation can take a cutover
 * over; two at once read the same.
 * - `returned`: writes were given back since, so that the stages before the cutover come first again.
 * - `expired`: the side is not fenced any more although the ledger says so, and what was done under the fence is void.
 * - `done`: the receiving end serves.
 * @param guard of the end that rows come from; null also where `dependsOnGuard` says that it is not needed
 */
export function next(
  record: CutoverRecord,
  guard: GuardStatus | null,
): Stage | 'returned' | 'expired' | 'done' {
  const step = cutoverStages(record.shape).find((stage) => !isFinished(record, stage)) ?? 'done';
  if (step === 'fence' && !mayFence(record)) return 'returned';
  return isFenced(record) && !isClosed(guard) ? 'expired' : step;
}

/** Whether the guard is part of the decision; before the fence and after the seal it is not. */
export const dependsOnGuard = (record: CutoverRecord): boolean => isFenced(record) || !mayFence(record);

const isFenced = (record: CutoverRecord): boolean =>
  isFinished(record, 'fence') && !isFinished(record, 'seal');

/** Whether every stage before the fence is finished: a fence that comes earlier closes the side for nothing. */
export function mayFence(record: Pick<CutoverRecord, 'shape' | 'stage'>): boolean {
  const before = stageBefore(record.shape, 'fence');
  return before === null || isFinished(record, before);
}

/** Stages of a shape's cutover, in order. */
export const cutoverStages = (shape: Shape): readonly Stage[] => stagesOfStep(shape, CUTOVER);

/** Whether an end refuses the application's writes, and will not accept them by itself before the next step. */
export const isClosed = (guard: GuardStatus | null): boolean =>
  guard?.state === 'sealed' || (guard?.state === 'fenced' && !guard.expired);

import { stageIndex, type Stage } from '../../contract/lifecycle';
import type { Run } from '../../contract/payloads';
import type { Writes } from '../../contract/writes';
import { CaptureLost, WrongState } from '../errors';
import type { MigrationRecord } from '../ledger';
import type { StageContext } from '../world';

/**
 * Runs one stage of a run, once: a stage that the ledger calls finished is not run again, so a resumed execution walks
 * through all of them. The work itself must be repeatable, since it may have been cut off before it was noted.
 * @param writesAfter what the work makes of `writes`; elsewhere it counts only if they are what they were when it began
 * @throws WrongState if the run is not the migration's any more
 */
export async function runStage(
  context: StageContext,
  stage: Stage,
  work: (record: MigrationRecord) => Promise<Readonly<Record<string, unknown>>>,
  writesAfter?: Writes,
): Promise<Run> {
  const { control, run } = context;
  const record = await ownedRecord(context);
  if (isFinished(record, stage)) return run;
  const evidence = await work(record);
  await control.finishStage(run.migration, run.generation, stage, writesAfter ?? record.writes);
  await control.journal.append(run.migration, run.generation, `${stage} finished`, evidence);
  return run;
}

export const isFinished = (record: Pick<MigrationRecord, 'shape' | 'stage'>, stage: Stage): boolean =>
  stageIndex(record.shape, record.stage) >= stageIndex(record.shape, stage);

/**
 * The migration's record, if this run still owns it.
 * @throws WrongState if it does not; @throws CaptureLost if the generation can only be aborted
 */
export async function ownedRecord({ control, run }: StageContext): Promise<MigrationRecord> {
  const record = await control.recordOrFail(run.migration);
  // What finished the generation released it; its last steps may be repeated.
  const owned = record.owner === run.execution && record.status === 'running';
  if (record.generation !== run.generation || !(owned || record.status === 'done')) {
    throw new WrongState(
      `migration ${run.migration} is ${record.status} in generation ${record.generation}, owned by ${record.owner ?? 'nobody'}: this run has nothing to do`,
    );
  }
  // What was noted too late for the seal is no loss.
  if (record.captureLost !== null && !isFinished(record, 'seal'))
    throw new CaptureLost(lostText(run.migration, record.captureLost));
  return record;
}

/** What happened, and what to do. */
export const lostText = (migration: string, why: string): string =>
  `changes of the source may be missing in migration ${migration}: ${why}. The source serves on; abort the migration, mend the cause, then start it again`;

import { stageIndex, type Stage } from '../../contract/lifecycle';
import type { Run } from '../../contract/payloads';
import type { Writes } from '../../contract/writes';
import { assertLedgerIsOriginal } from '../assert-ledger-is-original';
import { CaptureLost, WrongState } from '../errors';
import type { MigrationRecord } from '../ledger';
import type { StageContext } from '../world';

/**
 * Runs one stage of a run unless the ledger says that it is finished, so a resumed execution passes through all stages. The
 * work must be repeatable, because it may have been interrupted before the ledger recorded it.
 * @param writesAfter value of `writes` after the work; by default the stage is recorded only if `writes` has not changed
 * @throws WrongState if the run no longer owns the migration
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
  await assertLedgerIsOriginal(control, record);
  // The step that finished the generation released it; its last steps may be repeated.
  const owned = record.execution === run.execution && record.status === 'running';
  if (record.generation !== run.generation || !(owned || record.status === 'done')) {
    throw new WrongState(
      `migration ${run.migration} is ${record.status} in generation ${record.generation}, owned by ${record.execution ?? 'no execution'}: this run has nothing to do`,
    );
  }
  // A loss that was recorded after the seal does not matter.
  if (record.captureLost !== null && !isFinished(record, 'seal'))
    throw new CaptureLost(captureLostMessage(run.migration, record.captureLost));
  return record;
}

/** Message about a lost capture, with the remedy. */
export const captureLostMessage = (migration: string, why: string): string =>
  `changes of the source may be missing in migration ${migration}: ${why}. The source keeps serving. Abort the migration, fix the cause, then start it again`;

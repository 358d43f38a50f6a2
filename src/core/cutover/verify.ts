import { VerificationFailed, WrongState } from '../errors';
import type { ChunkRecord, MigrationRecord } from '../ledger';
import { progressOf } from '../progress';
import { intactCaptures } from '../sync/captures';
import { assertComplete, listed, unsettledChunks } from '../backfill/chunk-lists';
import { assertDrained } from './drain';
import { assertFenced } from './fence';
import { reopenForCopy } from '../backfill/reopen-chunks';
import { isFinished, ownedRecord } from '../execution/run-stage';
import { verifyItem } from '../verification/verify-item';
import type { StageContext } from '../world';

/** Chunks that are compared concurrently: the pause of writes lasts until all are. */
const AT_ONCE = 8;
const EVERYTHING = { lower: null, upper: null };

/**
 * Compares, under the fence and with an empty log, every chunk that was written to since it was found equal. The comparison
 * counts only if the fence held until the end. Unequal chunks are reopened once.
 * @throws FenceExpired if the fence did not hold
 * @throws VerificationFailed if chunks stay unequal or rows have no parent
 */
export async function verifyFenced(context: StageContext): Promise<'clean' | 'recopy'> {
  const record = await ownedRecord(context);
  return isFinished(record, 'verify') ? 'clean' : verdict(context, record);
}

async function verdict(context: StageContext, record: MigrationRecord): Promise<'clean' | 'recopy'> {
  const { control, run, clock } = context;
  const startedMs = clock.now();
  if (!isFinished(record, 'drain'))
    throw new WrongState(
      `the change log of migration ${run.migration} is not drained; nothing can be verified`,
    );
  const [chunks, captures] = await Promise.all([
    control.chunks.list(run.migration, run.generation),
    intactCaptures(context, run.generation),
  ]);
  await assertComplete(context, chunks);
  // An earlier verdict was interrupted after it had reopened a chunk.
  if (chunks.some(({ state }) => state !== 'closed')) return 'recopy';
  await assertNoWrites(context, captures);
  const unsettled = await unsettledChunks(context, chunks);
  const [orphans] = await Promise.all([orphansOfTarget(context), compareAll(context, unsettled)]);
  await assertNoWrites(context, captures);
  await intactCaptures(context, run.generation);

  const judged = await control.chunks.list(run.migration, run.generation);
  // Another invocation of this step may have reopened them.
  if (judged.some(({ state }) => state !== 'closed')) return 'recopy';
  const unequal = judged.filter(({ comparison }) => comparison !== 'equal');
  const repairable = unequal.filter(({ recopied }) => !recopied);
  if (repairable.length > 0) {
    await reopenForCopy(context, repairable);
    return 'recopy';
  }
  refuse(unequal, orphans);
  await control.finishStage(run.migration, run.generation, 'verify', record.writes);
  const tables = progressOf(await control.chunks.tables(run.migration, run.generation), judged);
  await control.journal.append(run.migration, run.generation, 'verify finished', {
    fence: record.writes,
    compared: unsettled.length,
    milliseconds: clock.now() - startedMs,
    tables: tables.map(({ table, source, target }) => ({ table, source, target })),
  });
  return 'clean';
}

/** Asserts that neither the application nor an applier can write: the fence holds, and the log is empty. */
async function assertNoWrites(context: StageContext, captures: ReadonlyMap<string, string>): Promise<void> {
  await Promise.all([assertDrained(context, captures), assertFenced(context)]);
}

async function compareAll(context: StageContext, chunks: readonly ChunkRecord[]): Promise<void> {
  const { migration, generation, direction } = context.run;
  const queue = [...chunks];
  const worker = async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift())
      await verifyItem(context, { migration, generation, direction, table: next.table, chunk: next.chunk });
  };
  const workers = Array.from({ length: AT_ONCE }, () =>
    worker().finally(() => {
      // The queue is empty, or one worker failed and the others can stop.
      queue.length = 0;
    }),
  );
  for (const ended of await Promise.allSettled(workers)) if (ended.status === 'rejected') throw ended.reason;
}

/**
 * Rows without a parent, by table, under foreign keys that the source does not enforce. The others cannot have any, because
 * the rows are equal to the source's.
 */
async function orphansOfTarget({ control, flow, run }: StageContext): Promise<ReadonlyMap<string, number>> {
  const found = new Map<string, number>();
  for (const { table, layout } of await control.chunks.tables(run.migration, run.generation)) {
    const foreignKeys = layout.foreignKeys.filter(({ mirrored }) => !mirrored);
    if (foreignKeys.length === 0) continue;
    const orphans = await flow.to.verifier.orphans({ ...layout, foreignKeys }, EVERYTHING);
    if (orphans > 0) found.set(table, orphans);
  }
  return found;
}

function refuse(unequal: readonly ChunkRecord[], orphans: ReadonlyMap<string, number>): void {
  if (unequal.length > 0) {
    throw new VerificationFailed(
      `still unequal after a second copy: ${listed(unequal)}. Find the writer of the target, or the values that read differently each time, then resume or abort`,
    );
  }
  if (orphans.size > 0) {
    const tables = [...orphans].map(([table, rows]) => `${table} (${rows} rows)`).join(', ');
    throw new VerificationFailed(
      `rows without the parent that a foreign key of the target requires: ${tables}. Fix the source or drop the key, then resume`,
    );
  }
}

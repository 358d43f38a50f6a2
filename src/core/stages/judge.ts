import { VerificationFailed, RowsRefused } from '../errors';
import type { ChunkRecord } from '../ledger';
import { progressOf } from '../progress';
import { assertComplete, listed } from '../backfill/chunk-lists';
import { reopenForCopy } from '../backfill/reopen-chunks';
import { isFinished, ownedRecord } from '../execution/run-stage';
import type { StageContext } from '../world';

/**
 * Decides from the ledger alone whether the copy is equal. Unequal chunks are reopened once.
 * @throws RowsRefused if rows were skipped
 * @throws VerificationFailed if chunks stay unequal or rows have no parent
 */
export async function judge(context: StageContext): Promise<'clean' | 'recopy'> {
  const { control, run } = context;
  const record = await ownedRecord(context);
  if (isFinished(record, 'verify')) return 'clean';
  const chunks = await control.chunks.list(run.migration, run.generation);
  await assertComplete(context, chunks);
  if (chunks.some((chunk) => chunk.state !== 'closed')) return 'recopy';
  if (chunks.some((chunk) => chunk.comparison === 'unknown')) return 'recopy';
  const unequal = chunks.filter((chunk) => chunk.comparison === 'unequal' && chunk.skipped === 0);
  const repairable = unequal.filter((chunk) => !chunk.recopied);
  if (repairable.length > 0) {
    await reopenForCopy(context, repairable);
    return 'recopy';
  }
  refuse(chunks, unequal);
  await control.finishStage(run.migration, run.generation, 'verify', record.writes);
  const tables = progressOf(await control.chunks.tables(run.migration, run.generation), chunks);
  await control.journal.append(run.migration, run.generation, 'verify finished', {
    tables: tables.map(({ table, source, target }) => ({ table, source, target })),
  });
  return 'clean';
}

function refuse(chunks: readonly ChunkRecord[], unequal: readonly ChunkRecord[]): void {
  const skipped = chunks.filter((chunk) => chunk.skipped > 0);
  if (skipped.length > 0) {
    const rows = skipped.reduce((sum, chunk) => sum + chunk.skipped, 0);
    throw new RowsRefused(
      `the target refused ${rows} row(s) in ${listed(skipped)}; \`npx sluice status\` lists them by hashed key. Fix the rows or the target, then resume`,
    );
  }
  if (unequal.length > 0) {
    throw new VerificationFailed(
      `still unequal after a second copy: ${listed(unequal)}. Find the writer, then resume or abort`,
    );
  }
  const orphaned = chunks.filter((chunk) => chunk.orphans > 0);
  if (orphaned.length > 0) {
    throw new VerificationFailed(
      `rows without the parent that a foreign key of the target requires: ${listed(orphaned)}. Fix the source or drop the key, then resume`,
    );
  }
}

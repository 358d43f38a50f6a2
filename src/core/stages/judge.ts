import { BrokenLedger, NotEqual, PoisonedRows } from '../errors';
import type { ChunkRecord } from '../ledger';
import { progressOf } from '../progress';
import { reopenChunks } from './reopen-chunks';
import { isFinished, ownedRecord } from './stage';
import type { StageContext } from './world';

const NAMED_MAX = 20;

/**
 * The verdict on the copy, from the ledger alone. Unequal chunks are opened again once.
 * @throws PoisonedRows if rows were left out; @throws NotEqual if chunks stay unequal or rows have no parent
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
    await reopen(context, repairable);
    return 'recopy';
  }
  refuse(chunks, unequal);
  await control.finishStage(run.migration, run.generation, 'verify');
  const tables = progressOf(await control.chunks.tables(run.migration, run.generation), chunks);
  await control.journal.append(run.migration, run.generation, 'verify finished', {
    tables: tables.map(({ table, source, target }) => ({ table, source, target })),
  });
  return 'clean';
}

/** A chunk that is missing from the ledger would be a range that nobody copied. */
async function assertComplete(
  { control, run, definition }: StageContext,
  chunks: readonly ChunkRecord[],
): Promise<void> {
  const tables = await control.chunks.tables(run.migration, run.generation);
  for (const { target } of definition.tables) {
    const planned = tables.find(({ table }) => table === target)?.chunks;
    const found = chunks.filter(({ table }) => table === target).length;
    if (planned === undefined || planned !== found) {
      throw new BrokenLedger(
        `table ${target} has ${found} chunks in the ledger, ${planned ?? 'no'} in its plan`,
      );
    }
  }
}

async function reopen(context: StageContext, chunks: readonly ChunkRecord[]): Promise<void> {
  const { control, run } = context;
  await control.journal.append(run.migration, run.generation, 'unequal chunks copied again', {
    chunks: chunks.slice(0, NAMED_MAX).map(nameOf),
    count: chunks.length,
  });
  await reopenChunks(context, run.generation, chunks, true);
}

function refuse(chunks: readonly ChunkRecord[], unequal: readonly ChunkRecord[]): void {
  const skipped = chunks.filter((chunk) => chunk.skipped > 0);
  if (skipped.length > 0) {
    const rows = skipped.reduce((sum, chunk) => sum + chunk.skipped, 0);
    throw new PoisonedRows(
      `the target refused ${rows} row(s) in ${listed(skipped)}; \`sluice status\` names them by hashed key. Mend them or the target, then resume`,
    );
  }
  if (unequal.length > 0) {
    throw new NotEqual(
      `still unequal after a second copy: ${listed(unequal)}; find out who writes, then resume or abort`,
    );
  }
  const orphaned = chunks.filter((chunk) => chunk.orphans > 0);
  if (orphaned.length > 0) {
    throw new NotEqual(
      `rows without the parent that a foreign key of the target asks for: ${listed(orphaned)}; mend the source or drop the key, then resume`,
    );
  }
}

const nameOf = (chunk: ChunkRecord): string =>
  `${chunk.table}#${chunk.chunk} (source ${chunk.source?.rows ?? '?'} rows, target ${chunk.target?.rows ?? '?'}, without parent ${chunk.orphans})`;

const listed = (chunks: readonly ChunkRecord[]): string =>
  chunks.slice(0, NAMED_MAX).map(nameOf).join(', ') +
  (chunks.length > NAMED_MAX ? ` and ${chunks.length - NAMED_MAX} more` : '');

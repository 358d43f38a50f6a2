import type { Run } from '../../contract/payloads';
import { quoteTable } from '../identifier';
import type { ChunkRecord } from '../ledger';
import { describeFirst } from './chunk-lists';
import type { Control, StageContext } from '../world';

/**
 * Reopens chunks to be copied again, each for a new attempt. First marks chunks with foreign keys to them to be
 * compared again: their parents were checked in rows that are about to be replaced.
 */
export async function reopenChunks(
  { chunks }: Pick<Control, 'chunks'>,
  { migration, generation }: Pick<Run, 'migration' | 'generation'>,
  reopened: readonly ChunkRecord[],
  recopied: boolean,
): Promise<void> {
  if (reopened.length === 0) return;
  const tables = await chunks.tables(migration, generation);
  const changed = tables
    .filter(({ table }) => reopened.some((chunk) => chunk.table === table))
    .map(({ layout }) => quoteTable(layout.to));
  const children = tables
    .filter(({ layout }) =>
      layout.foreignKeys.some(({ references }) => changed.includes(quoteTable(references))),
    )
    .map(({ table }) => table);
  for (const { table, chunk, comparison } of await chunks.list(migration, generation)) {
    if (!children.includes(table) || comparison === 'unknown') continue;
    await chunks.compareAgain({ migration, generation, table, chunk });
  }
  for (const { table, chunk, reopened: attempt } of reopened) {
    await chunks.reopen({ migration, generation, table, chunk }, { reopened: attempt + 1, recopied });
  }
}

/** Opens unequal chunks again, as the one attempt at repair that each has. */
export async function reopenForCopy(context: StageContext, chunks: readonly ChunkRecord[]): Promise<void> {
  const { control, run } = context;
  await control.journal.append(run.migration, run.generation, 'unequal chunks copied again', {
    chunks: describeFirst(chunks),
    count: chunks.length,
  });
  await reopenChunks(control, run, chunks, true);
}

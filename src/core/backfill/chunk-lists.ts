import { InconsistentLedger } from '../errors';
import { scopePrefix, type ChunkRecord } from '../ledger';
import type { StageContext } from '../world';

const NAMED_MAX = 20;

/** Asserts that no chunk is missing from the ledger: its range would not have been copied. */
export async function assertComplete(
  { control, run, definition }: StageContext,
  chunks: readonly ChunkRecord[],
): Promise<void> {
  const tables = await control.chunks.tables(run.migration, run.generation);
  for (const { target } of definition.tables) {
    const planned = tables.find(({ table }) => table === target)?.chunks;
    const found = chunks.filter(({ table }) => table === target).length;
    if (planned === undefined || planned !== found) {
      throw new InconsistentLedger(
        `table ${target} has ${found} chunks in the ledger, but ${planned ?? 'none'} in its plan`,
      );
    }
  }
}

/** Chunks that were not found equal since an applier last wrote to them. */
export async function unsettledChunks(
  { control, flow, run }: StageContext,
  chunks: readonly ChunkRecord[],
): Promise<ChunkRecord[]> {
  const [owner, tables] = await Promise.all([
    control.owner(),
    control.chunks.tables(run.migration, run.generation),
  ]);
  const unsettled = await Promise.all(
    tables.map(async ({ table }) => {
      const touches = await flow.to.verifier.touches(scopePrefix({ ...run, owner }, flow.to.side, table));
      const isUnsettled = ({ chunk, comparison, equalAt }: ChunkRecord) =>
        comparison !== 'equal' || equalAt !== (touches.get(chunk) ?? 0);
      return chunks.filter((chunk) => chunk.table === table && isUnsettled(chunk));
    }),
  );
  return unsettled.flat();
}

const nameOf = (chunk: ChunkRecord): string =>
  `${chunk.table}#${chunk.chunk} (source ${chunk.source?.rows ?? '?'} rows, target ${chunk.target?.rows ?? '?'}, without parent ${chunk.orphans})`;

/** Names of the first chunks, with their most important counts. */
export const describeFirst = (chunks: readonly ChunkRecord[]): string[] =>
  chunks.slice(0, NAMED_MAX).map(nameOf);

/** The same, joined for a message. */
export const listed = (chunks: readonly ChunkRecord[]): string =>
  describeFirst(chunks).join(', ') +
  (chunks.length > NAMED_MAX ? ` and ${chunks.length - NAMED_MAX} more` : '');

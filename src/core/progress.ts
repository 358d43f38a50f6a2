import type {
  ChunkRecord,
  Digest,
  PartitionRecord,
  SyncProgress,
  TableProgress,
  TableRecord,
} from './ledger';

/** Sums chunks per table, for status reports and the verdict. */
export function progressOf(tables: readonly TableRecord[], chunks: readonly ChunkRecord[]): TableProgress[] {
  return tables.map(({ table, rowsEstimated }) => {
    const own = chunks.filter((chunk) => chunk.table === table);
    const sum = (of: (chunk: ChunkRecord) => number) => own.reduce((total, chunk) => total + of(chunk), 0);
    const count = (is: (chunk: ChunkRecord) => boolean) => own.filter(is).length;
    return {
      table,
      chunks: own.length,
      chunksClosed: count((chunk) => chunk.state === 'closed'),
      chunksEqual: count((chunk) => chunk.comparison === 'equal'),
      chunksUnequal: count((chunk) => chunk.comparison === 'unequal'),
      rowsEstimated,
      rowsCopied: sum((chunk) => chunk.rows),
      bytesCopied: sum((chunk) => chunk.bytes),
      skipped: sum((chunk) => chunk.skipped),
      source: digestSum(own.map((chunk) => chunk.source)),
      target: digestSum(own.map((chunk) => chunk.target)),
    };
  });
}

/** Sums the appliers' partitions. One that was never served has no record, and counts as not served. */
export function syncOf(tables: readonly TableRecord[], partitions: readonly PartitionRecord[]): SyncProgress {
  const planned = tables.reduce((total, { layout }) => total + layout.partitions, 0);
  const sum = (of: (partition: PartitionRecord) => number) =>
    partitions.reduce((total, partition) => total + of(partition), 0);
  const passes = partitions.map(({ passedAt }) => passedAt).filter((passedAt) => passedAt !== null);
  return {
    partitions: planned,
    passedAt: passes.length < planned ? null : (passes.sort()[0] ?? null),
    lagMs: Math.max(0, ...partitions.map(({ lagMs }) => lagMs)),
    pending: sum(({ pending }) => pending),
    applied: sum(({ applied }) => applied),
    retries: sum(({ retries }) => retries),
    refused: sum(({ refused }) => refused),
  };
}

/** A checksum is made of sums, two or, with a row function, four: those of disjoint ranges add up to the table's. */
function digestSum(digests: readonly (Digest | null)[]): Digest {
  const known = digests.filter((digest) => digest !== null);
  const sums = known.map((digest) => digest.checksum.split(':').map((sum) => BigInt(sum)));
  const parts = Math.max(2, ...sums.map((each) => each.length));
  const totals = Array.from({ length: parts }, (_, part) =>
    sums.reduce((sum, each) => sum + (each[part] ?? 0n), 0n),
  );
  return { rows: known.reduce((sum, digest) => sum + digest.rows, 0), checksum: totals.join(':') };
}

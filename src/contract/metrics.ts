/** The metrics that the functions publish, so that a publisher and an alarm use the same names. */

/** Namespace of every metric that Sluice publishes. */
export const METRIC_NAMESPACE = 'Sluice';

/** Value of the dimension `service`, which Powertools adds to every metric, log line and trace. */
export const METRIC_SERVICE = 'sluice';

/** The other dimension of every metric: the migration's name. CloudWatch finds a metric only by both. */
export const MIGRATION_DIMENSION = 'migration';

/** Every metric that a function publishes, with its CloudWatch unit. */
export const METRICS = {
  /** Rows that one invocation of `copyChunk` wrote. */
  rowsCopied: { name: 'RowsCopied', unit: 'Count' },
  bytesCopied: { name: 'BytesCopied', unit: 'Count' },
  /** Rows that the receiving database refused while they were copied; each is reported in the ledger by its hashed key. */
  rowsRefused: { name: 'RowsRefused', unit: 'Count' },
  /** 1 for each comparison of a chunk whose sides differ, else 0. */
  chunksUnequal: { name: 'ChunksUnequal', unit: 'Count' },
  /** Age of the oldest dirty key that may be applied, over the partitions of one applier. */
  syncLag: { name: 'SyncLag', unit: 'Milliseconds' },
  /** Dirty keys in the partitions of one applier, including those of open chunks. */
  pendingKeys: { name: 'PendingKeys', unit: 'Count' },
  /** Changes that one applier applied since it last published. */
  changesApplied: { name: 'ChangesApplied', unit: 'Count' },
  /** Statements that one applier retried since it last published. */
  syncRetries: { name: 'SyncRetries', unit: 'Count' },
} as const satisfies Readonly<Record<string, Metric>>;

export interface Metric {
  readonly name: string;
  readonly unit: 'Count' | 'Milliseconds';
}

/** A measured value of each named metric. */
export type Measures = Readonly<Partial<Record<keyof typeof METRICS, number>>>;

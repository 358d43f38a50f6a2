import type { DirtyWatch } from './dirty-watch';
import type { PartitionRecord } from '../ledger';
import type { PartitionId, World } from '../world';

/** Measurements of an applier's partitions. */
export interface SyncMeasures {
  /** Upper bound of the age of the oldest change that may be applied, in milliseconds. */
  readonly lagMs: number;
  /** Dirty keys. */
  readonly pending: number;
  /** Since the last measurement. */
  readonly applied: number;
  readonly retries: number;
}

/** Measures the partitions of one applier from their records in the ledger. */
export class SyncMeter {
  private before = { applied: 0, retries: 0 };
  private startedMs = 0;

  constructor(
    private readonly world: Pick<World, 'control'>,
    /** The clock by which passes are recorded. */
    private readonly watch: Pick<DirtyWatch, 'now'>,
    private readonly partitions: readonly PartitionId[],
  ) {}

  /** Starts counting. */
  async start(): Promise<void> {
    this.startedMs = await this.watch.now();
    this.before = countsOf(await this.own());
  }

  async measure(): Promise<SyncMeasures> {
    const records = await this.own();
    const nowMs = await this.watch.now();
    const now = countsOf(records);
    const { before } = this;
    this.before = now;
    return {
      lagMs: Math.max(0, ...records.map((record) => this.lagOf(record, nowMs))),
      pending: sumOf(records, ({ pending }) => pending),
      applied: now.applied - before.applied,
      retries: now.retries - before.retries,
    };
  }

  /** Assumes that the lag has grown by the time since the last pass. */
  private lagOf({ lagMs, passedAt }: PartitionRecord, nowMs: number): number {
    const passedMs = passedAt === null ? this.startedMs : Date.parse(passedAt);
    return lagMs + Math.max(0, nowMs - passedMs);
  }

  private async own(): Promise<PartitionRecord[]> {
    const [first] = this.partitions;
    if (!first) return [];
    const records = await this.world.control.partitions.list(first.migration, first.generation);
    return records.filter(({ table, partition }) =>
      this.partitions.some((own) => own.table === table && own.partition === partition),
    );
  }
}

const sumOf = (records: readonly PartitionRecord[], of: (record: PartitionRecord) => number): number =>
  records.reduce((total, record) => total + of(record), 0);

const countsOf = (records: readonly PartitionRecord[]) => ({
  applied: sumOf(records, ({ applied }) => applied),
  retries: sumOf(records, ({ retries }) => retries),
});

import type { DirtyWatch } from './dirty-watch';
import type { PartitionRecord } from '../ledger';
import type { PartitionId, World } from '../world';

/** What an applier publishes of its partitions. */
export interface SyncMeasures {
  /** Age of the oldest change that may be applied, at most, in milliseconds. */
  readonly lagMs: number;
  /** Dirty keys. */
  readonly pending: number;
  /** Since the last measurement. */
  readonly applied: number;
  readonly retries: number;
}

/** Measures the partitions of one applier from their records: what was not recorded did not happen. */
export class SyncMeter {
  private before = { applied: 0, retries: 0 };
  private startedMs = 0;

  constructor(
    private readonly world: Pick<World, 'control'>,
    /** Tells the time by the clock that passes are recorded by. */
    private readonly watch: Pick<DirtyWatch, 'now'>,
    private readonly partitions: readonly PartitionId[],
  ) {}

  /** Counts from now on. */
  async begin(): Promise<void> {
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

  /** Since the last pass the lag may have grown as time does. */
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

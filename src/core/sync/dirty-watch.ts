import type { ChangeLog, Clock, DirtyPartitions } from '../ports';

/** How long a result is reused, in milliseconds. */
const FRESH_MS = 100;

/** Queries the change log for partitions with work, once for all concurrent callers. */
export class DirtyWatch {
  private latest: { readonly atMs: number; readonly result: Promise<DirtyPartitions> } | null = null;

  constructor(
    private readonly log: Pick<ChangeLog, 'dirtyPartitions'>,
    private readonly clock: Clock,
    private readonly captures: readonly string[],
  ) {}

  /** Whether a partition had entries, and when, by the database's clock. */
  async check(capture: string, partition: number): Promise<{ dirty: boolean; atMs: number }> {
    const { dirty, atMs } = await this.query();
    return { dirty: dirty.has(`${capture}/${partition}`), atMs };
  }

  /** The database's clock, approximately. */
  async now(): Promise<number> {
    return (await this.query()).atMs;
  }

  private query(): Promise<DirtyPartitions> {
    const nowMs = this.clock.now();
    if (this.latest === null || nowMs - this.latest.atMs >= FRESH_MS)
      this.latest = { atMs: nowMs, result: this.log.dirtyPartitions(this.captures) };
    return this.latest.result;
  }
}

import type { RowOutcome } from './row-outcome';
import type { PartitionRecord } from '../ledger';
import type { Clock, DirtyRow } from '../ports';
import type { RefusedKeys } from './refused-keys';
import type { Control, PartitionId } from '../world';

/** Minimum intervals between reports of a partition with work, and of one whose work has ended, in milliseconds. */
const EVERY_MS = 1_000;
const IDLE_REPORT_MS = 200;
/** Passes after which the refused keys are known. */
const PASSES_MIN = 3;

interface ReportPorts {
  readonly partitions: Pick<Control['partitions'], 'passed' | 'reportRefused'>;
  readonly clock: Clock;
}

/** Reports the passes of one claim to the ledger. */
export class PassReport {
  private startedMs = 0;
  private lagMs = 0;
  private pending = 0;
  private applied = 0;
  private passes = 0;
  private reported: { readonly atMs: number; readonly calm: boolean } | null = null;
  private reportedProblems: string | null = null;
  /** Keys settled by this pass. */
  settled = 0;

  constructor(
    private readonly ports: ReportPorts,
    private readonly partition: PartitionId,
    private readonly claimed: PartitionRecord,
    private readonly salt: string,
  ) {}

  /** @param atMs by the source's clock */
  start(atMs: number): void {
    [this.startedMs, this.lagMs, this.pending, this.settled] = [atMs, 0, 0, 0];
  }

  /**
   * Counts a page and its outcomes. `tookMs` is the time since it was requested, by which its entries have aged. Returns the
   * number of applied keys. Keys of open chunks count as pending, but not as lag.
   */
  count(rows: readonly DirtyRow[], outcomes: ReadonlyMap<DirtyRow, RowOutcome>, tookMs: number): number {
    let applied = 0;
    this.pending += rows.length;
    for (const row of rows) {
      const outcome = outcomes.get(row);
      if (outcome === 'applied') applied += 1;
      if (outcome === 'applied' || outcome === 'dropped') this.settled += 1;
      if (outcome !== 'left' && outcome !== 'dropped') this.lagMs = Math.max(this.lagMs, row.ageMs + tookMs);
    }
    this.applied += applied;
    return applied;
  }

  /** Ends a complete pass; the last one is always reported. @throws FencedOut */
  async end(refused: RefusedKeys, retries: number, last: boolean): Promise<void> {
    this.passes += 1;
    await this.reportProblems(refused);
    const nowMs = this.ports.clock.now();
    const calm = this.pending === 0;
    const ageMs = this.reported === null ? Number.POSITIVE_INFINITY : nowMs - this.reported.atMs;
    if (!last && ageMs < (calm && this.reported?.calm === false ? IDLE_REPORT_MS : EVERY_MS)) return;
    await this.ports.partitions.passed(this.partition, this.claimed.token, {
      passedAt: new Date(this.startedMs).toISOString(),
      lagMs: Math.round(this.lagMs),
      pending: this.pending,
      applied: this.claimed.applied + this.applied,
      retries: this.claimed.retries + retries,
      refused: refused.size,
    });
    this.reported = { atMs: nowMs, calm };
  }

  /** Keeps the report of an earlier claim until this claim knows its own refused keys. */
  private async reportProblems(refused: RefusedKeys): Promise<void> {
    if (this.passes < PASSES_MIN && this.pending > 0) return;
    const problems = refused.problems(this.partition.table, this.salt);
    const text = JSON.stringify(problems);
    if (text === this.reportedProblems) return;
    await this.ports.partitions.reportRefused(this.partition, problems);
    this.reportedProblems = text;
  }
}

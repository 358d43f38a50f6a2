import type { ApplyOutcome } from './apply-outcome';
import type { PartitionRecord } from '../ledger';
import type { Clock, DirtyRow } from '../ports';
import type { RefusedKeys } from './refused-keys';
import type { Control, PartitionId } from '../world';

/** How often the ledger hears of a partition that has work, and at most of one that has no more, in milliseconds. */
const EVERY_MS = 1_000;
const CALM_AFTER_MS = 200;
/** Passes after which the keys that are still refused are known. */
const PASSES_MIN = 3;

interface ReportPorts {
  readonly partitions: Pick<Control['partitions'], 'passed' | 'reportRefused'>;
  readonly clock: Clock;
}

/** What the ledger hears of one claim's passes. */
export class PassReport {
  private beganMs = 0;
  private lagMs = 0;
  private pending = 0;
  private applied = 0;
  private passes = 0;
  private told: { readonly atMs: number; readonly calm: boolean } | null = null;
  private toldProblems: string | null = null;
  /** Keys that this pass settled. */
  settled = 0;

  constructor(
    private readonly ports: ReportPorts,
    private readonly partition: PartitionId,
    private readonly claimed: PartitionRecord,
    private readonly salt: string,
  ) {}

  /** @param atMs by the source's clock */
  begin(atMs: number): void {
    [this.beganMs, this.lagMs, this.pending, this.settled] = [atMs, 0, 0, 0];
  }

  /**
   * Counts a page whose rows met their outcomes; `tookMs`: since it was asked for, which is what the entries aged meanwhile.
   * Returns how many keys were applied. Those of open chunks are pending, but not late.
   */
  count(rows: readonly DirtyRow[], outcomes: ReadonlyMap<DirtyRow, ApplyOutcome>, tookMs: number): number {
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

  /** The end of a complete pass; the last one is told at once. @throws FencedOut */
  async end(refused: RefusedKeys, retries: number, last: boolean): Promise<void> {
    this.passes += 1;
    await this.tellProblems(refused);
    const nowMs = this.ports.clock.now();
    const calm = this.pending === 0;
    const ageMs = this.told === null ? Number.POSITIVE_INFINITY : nowMs - this.told.atMs;
    if (!last && ageMs < (calm && this.told?.calm === false ? CALM_AFTER_MS : EVERY_MS)) return;
    await this.ports.partitions.passed(this.partition, this.claimed.token, {
      passedAt: new Date(this.beganMs).toISOString(),
      lagMs: Math.round(this.lagMs),
      pending: this.pending,
      applied: this.claimed.applied + this.applied,
      retries: this.claimed.retries + retries,
      refused: refused.size,
    });
    this.told = { atMs: nowMs, calm };
  }

  /** What an earlier claim told stays until this one knows better. */
  private async tellProblems(refused: RefusedKeys): Promise<void> {
    if (this.passes < PASSES_MIN && this.pending > 0) return;
    const problems = refused.problems(this.partition.table, this.salt);
    const text = JSON.stringify(problems);
    if (text === this.toldProblems) return;
    await this.ports.partitions.reportRefused(this.partition, problems);
    this.toldProblems = text;
  }
}

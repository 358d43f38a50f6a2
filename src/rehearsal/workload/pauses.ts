import type { Side } from '../../contract/sides';

/** A period in which a side refused writes and no write was acknowledged. */
export interface Pause {
  /** Time of the first refusal, ISO 8601. */
  readonly startedAt: string;
  /** Duration until a later write was acknowledged. */
  readonly ms: number;
  /** The side that acknowledged that write; null during the pause. */
  readonly endedBy: Side | null;
}

/** Measures pauses as the writers see them, in milliseconds since the epoch. */
export class Pauses {
  private readonly over: Pause[] = [];
  private refusedAtMs: number | null = null;

  refused(atMs: number): void {
    this.refusedAtMs ??= atMs;
  }

  /** @param startedAtMs start of the acknowledged transaction */
  acknowledged(side: Side, startedAtMs: number, atMs: number): void {
    if (this.refusedAtMs === null || startedAtMs < this.refusedAtMs) return;
    this.over.push(pause(this.refusedAtMs, atMs, side));
    this.refusedAtMs = null;
  }

  all(atMs: number): readonly Pause[] {
    return this.refusedAtMs === null ? this.over : [...this.over, pause(this.refusedAtMs, atMs, null)];
  }
}

const pause = (fromMs: number, toMs: number, endedBy: Side | null): Pause => ({
  startedAt: new Date(fromMs).toISOString(),
  ms: toMs - fromMs,
  endedBy,
});

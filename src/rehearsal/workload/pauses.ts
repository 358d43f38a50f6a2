import type { Side } from '../../contract/sides';

/** A time in which no write was acknowledged because a side refused them. */
export interface Pause {
  /** Instant of the first refusal, ISO 8601. */
  readonly beganAt: string;
  /** Until a write that started after it was acknowledged. */
  readonly ms: number;
  /** The side that acknowledged it; null before. */
  readonly endedBy: Side | null;
}

/** Times as the writers saw them, in milliseconds since the epoch. */
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
  beganAt: new Date(fromMs).toISOString(),
  ms: toMs - fromMs,
  endedBy,
});

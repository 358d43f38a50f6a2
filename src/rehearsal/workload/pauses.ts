import type { Side } from '../../contract/sides';

/** A time in which no write was acknowledged because a side refused them. */
export interface Pause {
  /** Instant of the first refusal, ISO 8601. */
  readonly beganAt: string;
  /** Until a write that began after it was acknowledged. */
  readonly ms: number;
  /** Who acknowledged it; null: nobody yet. */
  readonly endedBy: Side | null;
}

/** Times as the writers saw them, in milliseconds since the epoch. */
export class Pauses {
  private readonly over: Pause[] = [];
  private refusedAtMs: number | null = null;

  refused(atMs: number): void {
    this.refusedAtMs ??= atMs;
  }

  /** @param beganAtMs when the acknowledged transaction was begun */
  acknowledged(side: Side, beganAtMs: number, atMs: number): void {
    if (this.refusedAtMs === null || beganAtMs < this.refusedAtMs) return;
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

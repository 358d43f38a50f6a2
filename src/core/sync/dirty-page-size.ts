import type { DirtyPageSize } from '../ports';

/** The Data API ends a result at 1 MiB and a row at 64 KiB; room is left for entries, keys and counts beside the values. */
const BYTES_MAX = 900_000;
const ROW_BYTES_MAX = 60_000;
const ENTRIES_FIRST = 250;
const ENTRIES_MIN = 16;
const ENTRIES_MAX = 2_000;
/** A page that is settled sooner may be larger; one that takes longer becomes smaller. */
const FAST_MS = 1_000;
const SLOW_MS = 5_000;

/** Chooses how many entries the next page asks for, from how long the pages before it took. */
export class DirtyPageSizer {
  private entries = ENTRIES_FIRST;

  get size(): DirtyPageSize {
    return { entriesMax: this.entries, rowBytesMax: ROW_BYTES_MAX, bytesMax: BYTES_MAX };
  }

  /** A page was settled; `full`: it left entries behind. */
  settled(tookMs: number, full: boolean): void {
    if (tookMs > SLOW_MS) this.failed();
    else if (full && tookMs < FAST_MS) this.entries = Math.min(ENTRIES_MAX, this.entries * 2);
  }

  /** A page failed for a passing reason: perhaps it was too much at once. */
  failed(): void {
    this.entries = Math.max(ENTRIES_MIN, Math.floor(this.entries / 2));
  }
}

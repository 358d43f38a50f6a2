import type { DirtyPageSize } from '../ports';

/** The Data API ends a result at 1 MiB and a row at 64 KiB; the rest is for entries, keys and counts. */
const BYTES_MAX = 900_000;
const ROW_BYTES_MAX = 60_000;
const ENTRIES_FIRST = 250;
const ENTRIES_MIN = 16;
const ENTRIES_MAX = 2_000;
/** After a faster page the next one may be larger; after a slower one it becomes smaller. */
const FAST_MS = 1_000;
const SLOW_MS = 5_000;

/** Chooses the number of entries of the next page from the duration of the previous pages. */
export class DirtyPageSizer {
  private entries = ENTRIES_FIRST;

  get size(): DirtyPageSize {
    return { entriesMax: this.entries, rowBytesMax: ROW_BYTES_MAX, bytesMax: BYTES_MAX };
  }

  /** Records a settled page; `full`: more entries follow. */
  settled(tookMs: number, full: boolean): void {
    if (tookMs > SLOW_MS) this.failed();
    else if (full && tookMs < FAST_MS) this.entries = Math.min(ENTRIES_MAX, this.entries * 2);
  }

  /** Records a page that failed with a transient error: it may have been too large. */
  failed(): void {
    this.entries = Math.max(ENTRIES_MIN, Math.floor(this.entries / 2));
  }
}

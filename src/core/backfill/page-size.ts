import type { Group, PageSize } from '../ports';

/** The Data API ends a result at 1 MiB and a row at 64 KiB; the rest is for the key and the counts. */
const BYTES_MAX = 960_000;
const GROUP_BYTES_MAX = 60_000;
const ROWS_MAX = 20_000;
/** Size of the first page, which measures how large rows are. */
const ROWS_FIRST = 500;
const GROUP_ROWS_FIRST = 50;
/** Target fill of pages and groups, so that most fit although rows vary. */
const FILL = 0.92;
/** Growth factor of pages after a refused row or an oversized group. */
const GROWTH = 4;

/** Chooses the number of rows of the next page from the previous pages. */
export class PageSizer {
  private rows = ROWS_FIRST;
  private groupRows = GROUP_ROWS_FIRST;

  get size(): PageSize {
    return {
      rowsMax: this.rows,
      groupRows: this.groupRows,
      groupBytesMax: GROUP_BYTES_MAX,
      bytesMax: BYTES_MAX,
    };
  }

  /** Records a page that was read and written. */
  delivered(groups: readonly Group[]): void {
    const rows = groups.reduce((sum, group) => sum + group.rows, 0);
    const bytesMost = Math.max(...groups.map((group) => group.bytes / group.rows));
    const bytes = groups.reduce((sum, group) => sum + group.bytes, 0);
    const bounded = (fits: number, now: number) =>
      Math.max(1, Math.min(Math.floor(fits), now * GROWTH, ROWS_MAX));
    this.rows = bounded((BYTES_MAX * FILL * rows) / bytes, this.rows);
    this.groupRows = bounded((GROUP_BYTES_MAX * FILL) / bytesMost, this.groupRows);
  }

  /** Records that the first group of a page, with this many rows, was too large. */
  tooLarge(rows: number): void {
    this.groupRows = Math.max(1, Math.floor(Math.min(rows, this.groupRows) / GROWTH));
    this.rows = Math.max(this.groupRows, Math.min(this.rows, this.groupRows * 16));
  }

  /** Records that a page of this many rows was refused: smaller pages isolate the row. */
  refused(rows: number): void {
    this.rows = Math.max(1, Math.floor(Math.min(rows, this.rows) / 2));
    this.groupRows = Math.min(this.groupRows, this.rows);
  }
}

import type { Group, PageSize } from '../ports';

/** The Data API ends a result at 1 MiB and a row at 64 KiB; room is left for the key and the counts beside the values. */
const BYTES_MAX = 960_000;
const GROUP_BYTES_MAX = 60_000;
const ROWS_MAX = 20_000;
/** The first page finds out how large rows are. */
const ROWS_FIRST = 500;
const GROUP_ROWS_FIRST = 50;
/** How full pages and groups are aimed at, so that most fit although rows vary. */
const FILL = 0.92;
/** How fast pages grow again after a row was refused or a group was too large. */
const GROWTH = 4;

/** Chooses how many rows the next page asks for, from the pages before it. */
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

  /** A page came and was written. */
  delivered(groups: readonly Group[]): void {
    const rows = groups.reduce((sum, group) => sum + group.rows, 0);
    const bytesMost = Math.max(...groups.map((group) => group.bytes / group.rows));
    const bytes = groups.reduce((sum, group) => sum + group.bytes, 0);
    const bounded = (fits: number, now: number) =>
      Math.max(1, Math.min(Math.floor(fits), now * GROWTH, ROWS_MAX));
    this.rows = bounded((BYTES_MAX * FILL * rows) / bytes, this.rows);
    this.groupRows = bounded((GROUP_BYTES_MAX * FILL) / bytesMost, this.groupRows);
  }

  /** The first group of a page, of so many rows, was too large to travel. */
  tooLarge(rows: number): void {
    this.groupRows = Math.max(1, Math.floor(Math.min(rows, this.groupRows) / GROWTH));
    this.rows = Math.max(this.groupRows, Math.min(this.rows, this.groupRows * 16));
  }

  /** A page of so many rows was refused: narrow down on the row. */
  refused(rows: number): void {
    this.rows = Math.max(1, Math.floor(Math.min(rows, this.rows) / 2));
    this.groupRows = Math.min(this.groupRows, this.rows);
  }
}

import type { ApplyOutcome } from './apply-outcome';
import { bytesOf, REQUEST_BYTES_MAX } from './apply-request';
import type { DirtyRow } from '../ports';
import { isConflict } from './refused-keys';

/** Rows of one call, each of them tried, parked and tried again: it ends within the statement timeout. */
const ROWS_MAX = 4_000;

/** Rows that conflict, call by call of one pass, as many as one call takes. */
export class ConflictingRows {
  private rows: DirtyRow[] = [];
  private bytes = 0;
  private calls = 0;

  /** Adds the rows of one call that conflict. */
  add(rows: readonly DirtyRow[], outcomes: ReadonlyMap<DirtyRow, ApplyOutcome>): void {
    const conflicting = rows.filter((row) => isConflict(outcomes.get(row)));
    if (conflicting.length > 0) this.calls += 1;
    for (const row of conflicting) {
      const bytes = bytesOf(row);
      if (this.rows.length >= ROWS_MAX || this.bytes + bytes > REQUEST_BYTES_MAX) return;
      this.rows.push(row);
      this.bytes += bytes;
    }
  }

  /** The rows since it was last asked; none if one call had them all: it has tried what there is to try. */
  take(): readonly DirtyRow[] {
    const rows = this.calls > 1 ? this.rows : [];
    [this.rows, this.bytes, this.calls] = [[], 0, 0];
    return rows;
  }
}

import type { RowOutcome } from './row-outcome';
import { bytesOf, REQUEST_BYTES_MAX } from './apply-request';
import type { DirtyRow } from '../ports';
import { isConflict } from './refused-keys';

/** Maximum rows of one call, in which each may be tried, parked and retried within the statement timeout. */
const ROWS_MAX = 4_000;

/** Collects the conflicting rows of one pass, as many as one call can take. */
export class ConflictingRows {
  private rows: DirtyRow[] = [];
  private bytes = 0;
  private calls = 0;

  /** Adds the rows of one call that conflict. */
  add(rows: readonly DirtyRow[], outcomes: ReadonlyMap<DirtyRow, RowOutcome>): void {
    const conflicting = rows.filter((row) => isConflict(outcomes.get(row)));
    if (conflicting.length > 0) this.calls += 1;
    for (const row of conflicting) {
      const bytes = bytesOf(row);
      if (this.rows.length >= ROWS_MAX || this.bytes + bytes > REQUEST_BYTES_MAX) return;
      this.rows.push(row);
      this.bytes += bytes;
    }
  }

  /** Returns the rows collected since the last call; none if a single call had all of them and so has already tried them together. */
  take(): readonly DirtyRow[] {
    const rows = this.calls > 1 ? this.rows : [];
    [this.rows, this.bytes, this.calls] = [[], 0, 0];
    return rows;
  }
}

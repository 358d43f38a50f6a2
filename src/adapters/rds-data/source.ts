import type { Layout } from '../../core/layout';
import type { Digest } from '../../core/ledger';
import type { Group, Key, KeyRange, MeasuredRow, PageSize, SourceTable } from '../../core/ports';
import { DatabaseChangeLog } from './change-log';
import type { Row } from './database';
import { digestOf } from './digest';
import { boundariesSql, lastKeySql } from './sql/plan';
import { readPageSql, sentColumns } from './sql/page';
import { firstKeySql, measureRowSql, readSlicesSql } from './sql/slice';

/** Where a table's chunks end, from samples. */
export interface Boundaries {
  readonly rowsEstimated: number;
  readonly keys: readonly Key[];
}

/** The side that rows are read from, as Sluice's worker. */
export class SourceDatabase extends DatabaseChangeLog implements SourceTable {
  async readPage(
    layout: Layout,
    range: KeyRange,
    after: Key | null,
    size: PageSize,
  ): Promise<readonly Group[]> {
    const { sql, parameters } = readPageSql(layout, range, after, size);
    const columns = sentColumns(layout);
    const rows = await this.database.query(sql, parameters);
    return rows.map((row) => ({
      rows: Number(row.n),
      bytes: Number(row.bytes),
      last: String(row.last),
      columns: row.c0 === null ? null : columns.map((_, index) => row[`c${index}`] as string),
    }));
  }

  async measureRow(layout: Layout, range: KeyRange, after: Key | null): Promise<MeasuredRow | null> {
    const { sql, parameters } = measureRowSql(layout, range, after);
    const [row] = await this.database.query(sql, parameters);
    return row ? { key: String(row.key), sizes: JSON.parse(String(row.sizes)) as (number | null)[] } : null;
  }

  async firstKey(layout: Layout, range: KeyRange, after: Key | null): Promise<Key | null> {
    const { sql, parameters } = firstKeySql(layout, range, after);
    const [row] = await this.database.query(sql, parameters);
    return row ? String(row.key) : null;
  }

  async readSlices(
    layout: Layout,
    key: Key,
    attribute: number,
    from: number,
    to: number,
    partBytes: number,
  ): Promise<readonly string[]> {
    const rows = await this.database.query(readSlicesSql(layout, attribute), { key, from, to, partBytes });
    return rows.map((row) => String(row.data));
  }

  async digest(layout: Layout, range: KeyRange): Promise<Digest> {
    return digestOf(this.database, layout, 'from', range);
  }

  /**
   * Cuts the key range into chunks of about `rows` rows.
   * @param percent share of the table's blocks to sample, above 0, at most 100
   */
  async boundaries(layout: Layout, rows: number, percent: number, chunksMax: number): Promise<Boundaries> {
    const found: readonly Row[] = await this.database.query(boundariesSql(layout), {
      rows,
      percent: String(percent),
      chunksMax,
    });
    return {
      rowsEstimated: Number(found[0]?.rows ?? 0),
      keys: found.filter((row) => row.boundary !== null).map((row) => String(row.boundary)),
    };
  }

  async lastKey(layout: Layout): Promise<Key | null> {
    const [row] = await this.database.query(lastKeySql(layout));
    return row ? String(row.key) : null;
  }
}

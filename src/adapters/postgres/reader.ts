import { type Layout, sentColumns } from '../../core/layout';
import type { Digest } from '../../core/ledger';
import type { Boundaries, Group, Key, KeyRange, MeasuredRow, PageSize } from '../../core/ports';
import type { DigestingReader } from './projected-reader';
import type { Database, Row } from './database';
import { digestOf } from './digest';
import { boundariesSql } from './sql/plan/boundaries';
import { lastKeySql } from './sql/plan/last-key';
import { readPageSql } from './sql/page/read-page';
import { firstKeySql } from './sql/slice/first-key';
import { measureRowSql } from './sql/slice/measure-row';
import { readSlicesSql } from './sql/slice/read-slices';

/** Reads the tables of one database, with the login of whom it is created for: a worker or the verifier. */
export class DatabaseReader implements DigestingReader {
  constructor(private readonly database: Pick<Database, 'query'>) {}

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

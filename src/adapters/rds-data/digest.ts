import type { Layout } from '../../core/layout';
import type { Digest } from '../../core/ledger';
import type { KeyRange } from '../../core/ports';
import type { Database } from './database';
import { digestSql } from './sql/digest';

/** One side's count and checksum of a key range. */
export async function digestOf(
  database: Pick<Database, 'query'>,
  layout: Layout,
  side: 'source' | 'target',
  range: KeyRange,
): Promise<Digest> {
  const { sql, parameters } = digestSql(layout, side, range);
  const [row] = await database.query(sql, parameters);
  return { rows: Number(row!.rows), checksum: String(row!.checksum) };
}

import type { Role } from '../../contract/sides';
import type { Layout } from '../../core/layout';
import type { Digest } from '../../core/ledger';
import type { TextSums } from '../../core/verification/digest-by-text';
import type { Group, KeyRange } from '../../core/ports';
import { computedWithKey } from '../../core/definition/projection';
import { joinLiterals } from './array-literal';
import type { Database } from './database';
import { digestSql } from './sql/digest/digest';
import { digestTextsSql } from './sql/digest/digest-texts';

/** Reads one side's count and checksum of a key range. */
export async function digestOf(
  database: Pick<Database, 'query'>,
  layout: Layout,
  role: Role,
  range: KeyRange,
): Promise<Digest> {
  const { sql, parameters } = digestSql(layout, role, range);
  const [row] = await database.query(sql, parameters);
  return { rows: Number(row!.rows), checksum: String(row!.checksum) };
}

/** Hashes rows of {@link computedWithKey} as the target would hold them, without writing them. */
export async function sumTexts(
  database: Pick<Database, 'query'>,
  layout: Layout,
  groups: readonly Group[],
): Promise<TextSums> {
  const texts = computedWithKey(layout).columns.map(
    (_, index) => [`c${index}`, joinLiterals(groups, index)] as const,
  );
  const [row] = await database.query(digestTextsSql(layout), Object.fromEntries(texts));
  return { low: String(row!.low), high: String(row!.high) };
}

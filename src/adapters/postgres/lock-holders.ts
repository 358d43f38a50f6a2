import type { TableName } from '../../core/identifier';
import type { LockHolder } from '../../core/preflight';
import type { Database } from './database';
import { LOCK_HOLDERS } from './sql/statements';

/** A transaction that has been open for longer is unlikely to end soon. */
const AGE_SECONDS = 300;

/** Lists the transactions that have locked each table for minutes, as far as the login may see them. One round trip. */
export async function lockHoldersOf(
  database: Pick<Database, 'query'>,
  tables: readonly TableName[],
): Promise<LockHolder[][]> {
  const holders: LockHolder[][] = tables.map(() => []);
  const rows = await database.query(LOCK_HOLDERS, {
    tables: JSON.stringify(tables),
    ageSeconds: AGE_SECONDS,
  });
  for (const row of rows) {
    holders[Number(row.position) - 1]!.push(JSON.parse(String(row.holder)) as LockHolder);
  }
  return holders;
}

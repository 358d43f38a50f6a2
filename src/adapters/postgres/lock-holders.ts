import type { TableName } from '../../core/identifier';
import type { LockHolder } from '../../core/preflight';
import type { Database } from './database';
import { LOCK_HOLDERS } from './sql/statements';

/** Transactions that are open for longer are not about to end. */
const AGE_SECONDS = 300;

/** Who has held a lock on each of the tables for minutes, in their order, as far as the login may see. One round trip. */
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

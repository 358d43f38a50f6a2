import { FencedOut, FenceExpired, WrongState } from '../../core/errors';
import type { Database } from '../rds-data/data-api-database';
import { StatementRefused } from '../rds-data/translate-error';
import { IS_INSTALLED, OLDER_TABLES } from './sql/installed';

/**
 * Whether Sluice is installed in a database.
 * @throws WrongState if an older version installed it: its functions and tables do not know sides
 */
export async function isInstalled(database: Pick<Database, 'query'>): Promise<boolean> {
  const [row] = await database.query(IS_INSTALLED);
  if (row?.older === true) throw new WrongState(OLDER_TABLES);
  return row?.installed === true;
}

/** Turns what the installed functions raise into Sluice's own errors; returns every other error unchanged. */
export function asRaised(error: unknown): unknown {
  if (!(error instanceof StatementRefused)) return error;
  if (error.sqlState === 'SL001') return new FencedOut(error.message);
  if (error.sqlState === 'SL002') return new WrongState(error.message);
  if (error.sqlState === 'SL003') return new FenceExpired(error.message);
  return error;
}

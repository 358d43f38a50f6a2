import { FencedOut, FenceExpired, ForeignOwner, WrongState } from '../../core/errors';
import type { Authority } from '../../core/ports';
import type { Side } from '../../contract/sides';
import type { Database, Parameters, Row } from './database';
import { StatementRefused } from './statement-refused';
import { IS_INSTALLED } from './sql/statements';
import { SLUICE_STATES } from './sql-states';

/** The same text as in install/refuse-older-version.sql. The runbook describes how to remove the schema safely. */
export const OLDER_VERSION_INSTALLED =
  'schema sluice was installed by an older version: its table guard has no column worker. Abort the migrations that use it with the version that started them; if they are finished, remove the schema as the runbook describes.';

/**
 * Whether Sluice is installed in a database.
 * @throws WrongState if an older version is installed
 */
export async function isInstalled(database: Pick<Database, 'query'>): Promise<boolean> {
  const [row] = await database.query(IS_INSTALLED);
  if (row?.older === true) throw new WrongState(OLDER_VERSION_INSTALLED);
  return row?.installed === true;
}

/**
 * Makes calls where Sluice is installed. The last abort in a database removes the schema at any moment, also between two calls.
 * @returns `absent` if it is not installed, or was removed meanwhile
 */
export async function ifInstalled<T>(
  database: Pick<Database, 'query'>,
  absent: T,
  call: () => Promise<T>,
): Promise<T> {
  if (!(await isInstalled(database))) return absent;
  try {
    return await call();
  } catch (error) {
    if (error instanceof StatementRefused && !(await isInstalled(database))) return absent;
    throw error;
  }
}

/** Maps the errors that the installed functions raise to Sluice's own; returns every other error unchanged. */
export function asRaised(error: unknown): unknown {
  if (!(error instanceof StatementRefused)) return error;
  if (error.sqlState === SLUICE_STATES.SUPERSEDED) return new FencedOut(error.message);
  if (error.sqlState === SLUICE_STATES.WRONG_STATE) return new WrongState(error.message);
  if (error.sqlState === SLUICE_STATES.FENCE_EXPIRED) return new FenceExpired(error.message);
  if (error.sqlState === SLUICE_STATES.FOREIGN_OWNER) return new ForeignOwner(error.message);
  return error;
}

/** Runs a statement that calls an installed function, and throws Sluice's own errors for those that the function raises. */
export async function callInstalled(
  database: Pick<Database, 'query'>,
  sql: string,
  parameters: Parameters,
): Promise<Row[]> {
  try {
    return await database.query(sql, parameters);
  } catch (error) {
    throw asRaised(error);
  }
}

/** The parameters by which a controlling call proves whose it is. */
export const authorityParameters = (
  { owner, migration, generation, epoch }: Authority,
  side: Side,
): Parameters => ({ owner, migration, side, generation, epoch });

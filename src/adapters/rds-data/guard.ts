import { FencedOut, FenceExpired, WrongState } from '../../core/errors';
import type { Guard, GuardChange, GuardState } from '../../core/ports';
import type { Database, Parameters, Row } from './database';
import { StatementRefused } from './error';
import {
  ADVANCE_SEQUENCE,
  IS_INSTALLED,
  READ_GUARD,
  REVOKE_LEASES,
  SEQUENCE_POSITION,
  SESSION_LOGIN,
  SET_GUARD,
} from './sql/lease';

/** How long one attempt may hold up writers behind the lock it waits for, in milliseconds. */
const LOCK_MS = 400;
/** How long one call goes on trying, in milliseconds; well below the Data API's 45 s. */
const TOTAL_MS = 10_000;

/** The guard of one database, changed by Sluice's worker through the functions that the owner installed. */
export class DatabaseGuard implements Guard {
  constructor(private readonly database: Pick<Database, 'query'>) {}

  async setGuard(change: GuardChange): Promise<string | null> {
    const [row] = await this.call(SET_GUARD, {
      migration: change.migration,
      epoch: change.epoch,
      state: change.state,
      from: `{${change.from.join(',')}}`,
      seconds: String(change.seconds ?? 0),
      exempt: change.exempt ?? false,
      lockMs: LOCK_MS,
      totalMs: TOTAL_MS,
    });
    return row?.deadline === null || row === undefined ? null : String(row.deadline);
  }

  async readGuard(migration: string): Promise<{ epoch: number; state: GuardState; expired: boolean } | null> {
    if (!(await this.isInstalled())) return null;
    const [row] = await this.database.query(READ_GUARD, { migration });
    return row
      ? { epoch: Number(row.epoch), state: String(row.state) as GuardState, expired: row.expired === true }
      : null;
  }

  async revoke(migration: string, epoch: number): Promise<void> {
    if (await this.isInstalled()) await this.database.query(REVOKE_LEASES, { migration, epoch });
  }

  async login(): Promise<string> {
    const [row] = await this.database.query(SESSION_LOGIN);
    return String(row!.login);
  }

  async sequencePosition(sequence: string): Promise<string> {
    const [row] = await this.database.query(SEQUENCE_POSITION, { sequence });
    return String(row!.position);
  }

  async advanceSequence(sequence: string, position: string, gap: number): Promise<string> {
    const [row] = await this.database.query(ADVANCE_SEQUENCE, { sequence, position, gap });
    return String(row!.position);
  }

  private async isInstalled(): Promise<boolean> {
    const [row] = await this.database.query(IS_INSTALLED);
    return row?.installed === true;
  }

  private async call(sql: string, parameters: Parameters): Promise<Row[]> {
    try {
      return await this.database.query(sql, parameters);
    } catch (error) {
      if (!(error instanceof StatementRefused)) throw error;
      if (error.sqlState === 'SL001') throw new FencedOut(error.message);
      if (error.sqlState === 'SL002') throw new WrongState(error.message);
      if (error.sqlState === 'SL003') throw new FenceExpired(error.message);
      throw error;
    }
  }
}

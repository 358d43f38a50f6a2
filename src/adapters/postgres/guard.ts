import type { Side } from '../../contract/sides';
import type { Guard, GuardChange, GuardState } from '../../core/ports';
import type { Database, Parameters, Row } from './database';
import { asRaised, isInstalled } from './installed';
import {
  ADVANCE_SEQUENCE,
  READ_GUARD,
  REVOKE_LEASES,
  SEQUENCE_POSITION,
  SESSION_LOGIN,
  SET_GUARD,
} from './sql/statements';

/** How long one attempt may block writers while it waits for a lock. */
const LOCK_MS = 400;
/** How long one call retries; well below the Data API's limit of 45 s. */
const TOTAL_MS = 10_000;

/** Changes the guard of one side, with the worker's login, through functions that the owner installed. */
export class DatabaseGuard implements Guard {
  constructor(
    private readonly database: Pick<Database, 'query'>,
    private readonly side: Side,
  ) {}

  async setGuard(change: GuardChange): Promise<string | null> {
    const [row] = await this.call(SET_GUARD, {
      migration: change.migration,
      side: this.side,
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
    if (!(await isInstalled(this.database))) return null;
    const [row] = await this.database.query(READ_GUARD, { migration, side: this.side });
    return row
      ? { epoch: Number(row.epoch), state: String(row.state) as GuardState, expired: row.expired === true }
      : null;
  }

  async revoke(migration: string, epoch: number): Promise<void> {
    if (!(await isInstalled(this.database))) return;
    await this.database.query(REVOKE_LEASES, { migration, side: this.side, epoch });
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

  private async call(sql: string, parameters: Parameters): Promise<Row[]> {
    try {
      return await this.database.query(sql, parameters);
    } catch (error) {
      throw asRaised(error);
    }
  }
}

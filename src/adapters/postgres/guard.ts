import type { Side } from '../../contract/sides';
import type { TableName } from '../../core/identifier';
import {
  GUARD_CHANGES,
  type Guard,
  type GuardChange,
  type GuardState,
  type GuardStatus,
} from '../../core/guard-ports';
import type { Authority, GuardName } from '../../core/ports';
import type { Database } from './database';
import { authorityParameters, callInstalled, ifInstalled } from './installed';
import {
  ADVANCE_SEQUENCE,
  ARM_GUARD,
  CHANGES_UNDER_GUARD,
  CHANGED_TABLES,
  DISARM_GUARD,
  FENCE_OBSTACLES,
  READ_GUARD,
  GUARDED_TABLES,
  REVOKE_LEASES,
  SEQUENCE_POSITION,
  SET_GUARD,
} from './sql/statements';

/** How long one attempt may block writers while it waits for a lock. */
const LOCK_MS = 400;
/** How long one call retries; well below the Data API's limit of 45 s. */
const TOTAL_MS = 10_000;
/** How long one call tries to lock a table to disarm it; the next one comes a minute later. */
const DISARM_MS = 2_000;

/** Changes the guard of one side, with the control login, through functions that the owner installed. */
export class DatabaseGuard implements Guard {
  constructor(
    private readonly database: Pick<Database, 'query'>,
    private readonly side: Side,
  ) {}

  async setGuard(authority: Authority, change: GuardChange): Promise<string | null> {
    const { from, exempt } = GUARD_CHANGES[change.state];
    const [row] = await callInstalled(this.database, SET_GUARD, {
      ...authorityParameters(authority, this.side),
      state: change.state,
      from: `{${from.join(',')}}`,
      seconds: String(change.seconds ?? 0),
      exempt,
      lockMs: LOCK_MS,
      totalMs: TOTAL_MS,
    });
    return row?.deadline === null || row === undefined ? null : String(row.deadline);
  }

  arm(authority: Authority): Promise<void> {
    return this.tableByTable(ARM_GUARD, authority, TOTAL_MS);
  }

  disarm(authority: Authority): Promise<void> {
    return this.tableByTable(DISARM_GUARD, authority, DISARM_MS);
  }

  private async tableByTable(sql: string, authority: Authority, totalMs: number): Promise<void> {
    const parameters = { ...authorityParameters(authority, this.side), lockMs: LOCK_MS, totalMs };
    for (;;) {
      const [row] = await callInstalled(this.database, sql, parameters);
      if (Number(row!.remaining) === 0) return;
    }
  }

  async fenceObstacles(authority: Authority): Promise<readonly string[]> {
    const parameters = { ...authorityParameters(authority, this.side), lockMs: LOCK_MS };
    const rows = await callInstalled(this.database, FENCE_OBSTACLES, parameters);
    return rows.map((row) => String(row.obstacle));
  }

  readGuard({ owner, migration }: GuardName): Promise<GuardStatus | null> {
    return ifInstalled(this.database, null, async () => {
      const [row] = await this.database.query(READ_GUARD, { owner, migration, side: this.side });
      return row
        ? { epoch: Number(row.epoch), state: String(row.state) as GuardState, expired: row.expired === true }
        : null;
    });
  }

  async guardedTables({ owner, migration }: GuardName): Promise<readonly TableName[]> {
    const rows = await this.database.query(GUARDED_TABLES, { owner, migration, side: this.side });
    return rows.map((row) => ({ schema: String(row.schema_name), name: String(row.table_name) }));
  }

  changedTables({ owner, migration }: GuardName): Promise<readonly string[]> {
    return ifInstalled(this.database, [], async () => {
      const rows = await callInstalled(this.database, CHANGED_TABLES, { owner, migration, side: this.side });
      return rows.map((row) => String(row.change));
    });
  }

  async guardChanges({ owner, migration }: GuardName): Promise<readonly string[]> {
    const rows = await callInstalled(this.database, CHANGES_UNDER_GUARD, {
      owner,
      migration,
      side: this.side,
    });
    return rows.map((row) => String(row.change));
  }

  revoke(authority: Authority): Promise<void> {
    return ifInstalled(this.database, undefined, async () => {
      await callInstalled(this.database, REVOKE_LEASES, authorityParameters(authority, this.side));
    });
  }

  async sequencePosition(authority: Authority, sequence: string): Promise<string> {
    const parameters = { ...authorityParameters(authority, this.side), sequence };
    const [row] = await callInstalled(this.database, SEQUENCE_POSITION, parameters);
    return String(row!.position);
  }

  async advanceSequence(
    authority: Authority,
    sequence: string,
    position: string,
    gap: number,
  ): Promise<string> {
    const parameters = { ...authorityParameters(authority, this.side), sequence, position, gap };
    const [row] = await callInstalled(this.database, ADVANCE_SEQUENCE, parameters);
    return String(row!.position);
  }
}

import type { Side } from '../../contract/sides';
import type { Layout } from '../../core/layout';
import type { Authority, Key, Leases, LeaseState } from '../../core/ports';
import type { Database, Row } from './database';
import { authorityParameters, callInstalled } from './installed';
import { SQL_STATES } from './sql-states';
import { StatementRefused } from './statement-refused';
import {
  PLAN_PARTITION,
  READ_SKIPPED,
  READ_TOUCHES,
  CLOSE_LEASE,
  CLOSE_LEASES,
  INSTALL_LEASE,
  READ_LEASE,
  COUNT_LEASES,
} from './sql/statements';
import { planLeasesSql } from './sql/plan/plan-leases';

/** Plans, installs and closes the leases of one side, with the worker's login. */
export class DatabaseLeases implements Leases {
  constructor(
    private readonly database: Pick<Database, 'query'>,
    private readonly side: Side,
  ) {}

  async install(authority: Authority, scope: string, token: number, attempt: number) {
    const [row] = await callInstalled(this.database, INSTALL_LEASE, {
      ...authorityParameters(authority, this.side),
      scope,
      token,
      attempt,
    });
    return row
      ? { lower: key(row, 'lower_key'), upper: key(row, 'upper_key'), cursor: key(row, 'cursor_key') }
      : null;
  }

  async read(scope: string): Promise<LeaseState | null> {
    const [row] = await this.database.query(READ_LEASE, { scope });
    if (!row) return null;
    return {
      token: Number(row.token),
      seq: Number(row.seq),
      open: row.open === true,
      lower: key(row, 'lower_key'),
      upper: key(row, 'upper_key'),
      cursor: key(row, 'cursor_key'),
    };
  }

  async close(scope: string, token: number): Promise<boolean> {
    const rows = await this.database.query(CLOSE_LEASE, { scope, token });
    return rows.length === 1;
  }

  async closeAll(authority: Authority): Promise<void> {
    await callInstalled(this.database, CLOSE_LEASES, authorityParameters(authority, this.side));
  }

  async plan(
    authority: Authority,
    layout: Layout,
    prefix: string,
    boundaries: readonly Key[],
    closedFrom: Key | null = null,
  ): Promise<number> {
    try {
      await callInstalled(this.database, planLeasesSql(layout), {
        ...authorityParameters(authority, this.side),
        prefix,
        boundaries: JSON.stringify(boundaries),
        closedFrom,
      });
    } catch (error) {
      const plannedConcurrently =
        error instanceof StatementRefused && error.sqlState === SQL_STATES.UNIQUE_VIOLATION;
      if (!plannedConcurrently) throw error;
    }
    const [row] = await this.database.query(COUNT_LEASES, { prefix });
    return Number(row!.chunks);
  }

  async planPartition(authority: Authority, scope: string): Promise<void> {
    await callInstalled(this.database, PLAN_PARTITION, {
      ...authorityParameters(authority, this.side),
      scope,
    });
  }

  async readSkipped(scope: string): Promise<readonly Key[]> {
    const keys: Key[] = [];
    for (let after = '0'; ;) {
      const rows = await this.database.query(READ_SKIPPED, { scope, after });
      if (rows.length === 0) return keys;
      keys.push(...rows.map((row) => String(row.key)));
      after = String(rows.at(-1)!.id);
    }
  }

  async touches(prefix: string): Promise<ReadonlyMap<number, number>> {
    const rows = await this.database.query(READ_TOUCHES, { prefix });
    return new Map(rows.map((row) => [Number(row.chunk), Number(row.times)]));
  }
}

const key = (row: Row, name: string): Key | null => (row[name] === null ? null : String(row[name]));

import type { Side } from '../../contract/sides';
import type { Layout } from '../../core/layout';
import type { Authority, Key, Leases, LeaseState } from '../../core/ports';
import type { Database, Row } from './database';
import { authorityParameters, callInstalled } from './installed';
import { SQL_STATES } from './sql-states';
import { StatementRefused } from './statement-refused';
import {
  PLAN_LEASES,
  PLAN_PARTITION,
  READ_SKIPPED,
  CLOSE_LEASE,
  CLOSE_LEASES,
  INSTALL_LEASE,
  READ_LEASE,
} from './sql/statements';
import { boundariesBelowSql } from './sql/plan/boundaries-below';

/** The logins that use the leases of a database. */
export interface LeaseDatabases {
  readonly control: Pick<Database, 'query'>;
  readonly worker: Pick<Database, 'query'>;
}

/** Plans, installs and closes the leases of one side with the control login, and reads them with the worker's. */
export class DatabaseLeases implements Leases {
  private readonly control: LeaseDatabases['control'];
  private readonly worker: LeaseDatabases['worker'];

  constructor(
    { control, worker }: LeaseDatabases,
    private readonly side: Side,
  ) {
    this.control = control;
    this.worker = worker;
  }

  async install(authority: Authority, scope: string, token: number, attempt: number) {
    const [row] = await callInstalled(this.control, INSTALL_LEASE, {
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
    return readLease(this.worker, scope);
  }

  async close(scope: string, token: number): Promise<boolean> {
    const [row] = await this.control.query(CLOSE_LEASE, { scope, token });
    return row!.closed === true;
  }

  async closeAll(authority: Authority): Promise<void> {
    await callInstalled(this.control, CLOSE_LEASES, authorityParameters(authority, this.side));
  }

  async plan(
    authority: Authority,
    layout: Layout,
    prefix: string,
    boundaries: readonly Key[],
    closedFrom: Key | null = null,
  ): Promise<number> {
    const kept =
      closedFrom === null ? boundaries : await this.boundariesBelow(layout, closedFrom, boundaries);
    const parameters = {
      ...authorityParameters(authority, this.side),
      prefix,
      boundaries: JSON.stringify(kept),
      closedFrom,
    };
    const planOnce = () => callInstalled(this.control, PLAN_LEASES, parameters);
    const [row] = await planOnce().catch((error: unknown) => {
      const plannedConcurrently =
        error instanceof StatementRefused && error.sqlState === SQL_STATES.UNIQUE_VIOLATION;
      if (plannedConcurrently) return planOnce();
      throw error;
    });
    return Number(row!.chunks);
  }

  /** Drops the boundaries at or above a key, because they were sampled at another time. */
  private async boundariesBelow(layout: Layout, key: Key, boundaries: readonly Key[]): Promise<Key[]> {
    const [row] = await this.worker.query(boundariesBelowSql(layout), {
      key,
      boundaries: JSON.stringify(boundaries),
    });
    const places = new Set(String(row!.places).split(',').map(Number));
    return boundaries.filter((_, index) => places.has(index + 1));
  }

  async planPartition(authority: Authority, scope: string): Promise<void> {
    await callInstalled(this.control, PLAN_PARTITION, {
      ...authorityParameters(authority, this.side),
      scope,
    });
  }

  async readSkipped(scope: string): Promise<readonly Key[]> {
    const keys: Key[] = [];
    for (let after = '0'; ;) {
      const rows = await this.worker.query(READ_SKIPPED, { scope, after });
      if (rows.length === 0) return keys;
      keys.push(...rows.map((row) => String(row.key)));
      after = String(rows.at(-1)!.id);
    }
  }
}

/** Reads a lease, so that a caller learns its bounds, and whether a statement with an unknown outcome ran. */
export async function readLease(
  database: Pick<Database, 'query'>,
  scope: string,
): Promise<LeaseState | null> {
  const [row] = await database.query(READ_LEASE, { scope });
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

const key = (row: Row, name: string): Key | null => (row[name] === null ? null : String(row[name]));

import { FencedOut } from '../../core/errors';
import type { Layout } from '../../core/layout';
import type { Digest } from '../../core/ledger';
import type { Group, Key, KeyRange, LeaseState, TargetTable, Ticket } from '../../core/ports';
import { joinLiterals } from './array-literal';
import { AppliedDatabase } from './applied';
import type { Parameters, Row } from './database';
import { digestOf } from './digest';
import { targetKey } from './sql/key';
import { CLOSE_LEASE, CLOSE_LEASES, INSTALL_LEASE, LEAVE_KEY, READ_LEASE, SKIP_ROW } from './sql/lease';
import { orphansSql } from './sql/digest';
import { clearRangeSql, sentColumns, writePageSql } from './sql/page';
import { COUNT_LEASES, planLeasesSql } from './sql/plan';
import { DROP_SLICES, moveStagedSql, STAGE_SLICES } from './sql/slice';
import { writeBesideSql } from './sql/write-beside';
import { StatementRefused } from './error';

const UNIQUE_VIOLATION = '23505';

/** The side that rows are written to, as Sluice's worker. Every write is one statement under a lease. */
export class TargetDatabase extends AppliedDatabase implements TargetTable {
  async installLease(migration: string, scope: string, token: number, life: number) {
    const [row] = await this.database.query(INSTALL_LEASE, {
      migration,
      side: this.side,
      scope,
      token,
      life,
    });
    return row
      ? { lower: key(row, 'lower_key'), upper: key(row, 'upper_key'), cursor: key(row, 'cursor_key') }
      : null;
  }

  async readLease(scope: string): Promise<LeaseState | null> {
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

  async closeLease(scope: string, token: number): Promise<boolean> {
    const rows = await this.database.query(CLOSE_LEASE, { scope, token });
    return rows.length === 1;
  }

  /** Closes every lease under the prefix for good, in its order: nothing that is still on its way can be written. */
  async closeLeases(prefix: string): Promise<void> {
    await this.database.query(CLOSE_LEASES, { prefix });
  }

  async clearRange(layout: Layout, range: KeyRange, ticket: Ticket): Promise<boolean> {
    const { sql, parameters } = clearRangeSql(layout, targetKey(layout), range);
    return this.held(sql, { ...parameters, ...ticket });
  }

  async writePage(layout: Layout, ticket: Ticket, groups: readonly Group[]): Promise<boolean> {
    return this.held(writePageSql(layout), pageParameters(layout, ticket, groups));
  }

  async writePageBeside(layout: Layout, ticket: Ticket, groups: readonly Group[]): Promise<boolean> {
    return this.held(writeBesideSql(layout), pageParameters(layout, ticket, groups));
  }

  async leaveKey(ticket: Ticket, last: Key): Promise<boolean> {
    return this.held(LEAVE_KEY, { ...ticket, last });
  }

  async skipRow(ticket: Ticket, last: Key): Promise<boolean> {
    const rows = await this.database.query(SKIP_ROW, { ...ticket, last });
    return rows.length === 1;
  }

  async dropSlices(ticket: Ticket): Promise<boolean> {
    return this.held(DROP_SLICES, { ...ticket });
  }

  async stageSlices(
    ticket: Ticket,
    attribute: number,
    from: number,
    parts: readonly string[],
  ): Promise<boolean> {
    return this.held(STAGE_SLICES, { ...ticket, attribute, from, parts: JSON.stringify(parts) });
  }

  async moveStaged(layout: Layout, ticket: Ticket, last: Key): Promise<boolean> {
    return this.held(moveStagedSql(layout), { ...ticket, last });
  }

  async digest(layout: Layout, range: KeyRange): Promise<Digest> {
    return digestOf(this.database, layout, 'target', range);
  }

  async orphans(layout: Layout, range: KeyRange): Promise<number> {
    if (layout.foreignKeys.length === 0) return 0;
    const { sql, parameters } = orphansSql(layout, range);
    const [row] = await this.database.query(sql, parameters);
    return Number(row!.orphans);
  }

  /**
   * Writes the leases of a table's chunks, all or none; a plan that is there already stays. Returns how many there are. The
   * range from `closedFrom` on is one more chunk, closed from birth.
   */
  async plan(
    layout: Layout,
    prefix: string,
    boundaries: readonly Key[],
    closedFrom: Key | null = null,
  ): Promise<number> {
    try {
      await this.database.query(planLeasesSql(layout), {
        prefix,
        boundaries: JSON.stringify(boundaries),
        closedFrom,
      });
    } catch (error) {
      const other = error instanceof StatementRefused && error.sqlState === UNIQUE_VIOLATION;
      if (!other) throw error;
    }
    const [row] = await this.database.query(COUNT_LEASES, { prefix });
    return Number(row!.chunks);
  }

  private async held(sql: string, parameters: Parameters): Promise<boolean> {
    const [row] = await this.database.query(sql, parameters);
    if (!row) throw new FencedOut('a fenced statement returned no row');
    return Number(row.held) === 1;
  }
}

const key = (row: Row, name: string): Key | null => (row[name] === null ? null : String(row[name]));

const pageParameters = (layout: Layout, ticket: Ticket, groups: readonly Group[]): Parameters => ({
  ...ticket,
  last: groups.at(-1)!.last,
  ...Object.fromEntries(sentColumns(layout).map((_, index) => [`c${index}`, joinLiterals(groups, index)])),
});

import type { RowOutcome } from './row-outcome';
import { changeOf, requestsOf } from './apply-request';
import { ConflictingRows } from './conflicting-rows';
import { stageRow } from '../backfill/copy-large-row';
import type { Layout } from '../layout';
import type { End } from '../ends';
import type { Applied, Clock, DirtyRow, RefusalOf, Ticket } from '../ports';
import { isConflict, type RefusedKeys } from './refused-keys';
import { repeatCall, settleResult, settleWrite, type ResultWrite, type Write } from '../settle-write';

export interface PagePorts {
  readonly from: Pick<End, 'reader'>;
  readonly to: Pick<End, 'writer' | 'leases'>;
  readonly clock: Clock;
  readonly refusalOf: RefusalOf;
}

/** One claim on one partition. */
export interface AppliersLease {
  readonly layout: Layout;
  /** Prefix of the scopes of the table's chunks. */
  readonly prefix: string;
  readonly scope: string;
  readonly token: number;
}

/** Maximum rows of one row-by-row call, well within the statement timeout. */
const ROWS_EACH_MAX = 1_000;

/** Applies pages of dirty rows under one claim's lease. Rows that it cannot settle keep their entries for a later pass. */
export class PageApplier {
  private seq = 0;
  private readonly conflicting = new ConflictingRows();
  /** Retried writes. */
  retries = 0;

  constructor(
    private readonly ports: PagePorts,
    private readonly lease: AppliersLease,
    private readonly refused: RefusedKeys,
  ) {}

  /** Returns the outcome of each row that was tried. */
  async apply(rows: readonly DirtyRow[]): Promise<ReadonlyMap<DirtyRow, RowOutcome>> {
    const nowMs = this.ports.clock.now();
    const isDue = this.refused.dueAt(nowMs);
    const due = rows.filter(({ key }) => isDue(key));
    for (const { key } of rows) if (!isDue(key)) this.refused.waits(key);
    const small = due.filter(({ row }) => row !== 'large');
    const outcomes = new Map<DirtyRow, RowOutcome>();
    // Rows that were refused before would make the database refuse the others with them.
    const singly = small.filter(({ key }) => this.refused.has(key));
    for (const part of requestsOf(small.filter(({ key }) => !this.refused.has(key)))) {
      if (!(await this.applyTogether(part, outcomes))) singly.push(...part);
    }
    for (const part of requestsOf(singly, ROWS_EACH_MAX)) await this.applySingly(part, outcomes);
    await this.applyLarge(
      due.filter(({ row }) => row === 'large'),
      outcomes,
    );
    for (const [{ key }, outcome] of outcomes) {
      if (typeof outcome === 'object') this.refused.refused(key, outcome, nowMs);
      else if (outcome !== 'unknown') this.refused.resolved(key);
    }
    return outcomes;
  }

  /**
   * Ends a pass: conflicting rows of different pages are tried in one call, because cycles and chains of unique values resolve
   * only if all their rows are in it. It may write older values than a later page of the pass did, so it settles nothing: the
   * next pass reads and writes each of these rows again before their entries are deleted.
   */
  async applyConflicting(): Promise<void> {
    const { writer } = this.ports.to;
    const { layout, prefix } = this.lease;
    const rows = this.conflicting.take();
    if (rows.length === 0) return;
    const changes = rows.map(changeOf);
    const verdicts = await this.settle((ticket) => writer.applyEach(layout, prefix, ticket, changes));
    verdicts?.forEach((verdict, index) => {
      if (typeof verdict !== 'object') this.refused.resolved(rows[index]!.key);
    });
  }

  /** False if the target refused a row; then none was applied. */
  private async applyTogether(
    rows: readonly DirtyRow[],
    outcomes: Map<DirtyRow, RowOutcome>,
  ): Promise<boolean> {
    const { to, refusalOf } = this.ports;
    const { layout, prefix } = this.lease;
    const changes = rows.map(changeOf);
    try {
      recordOutcomes(
        rows,
        await this.settle((ticket) => to.writer.applyRows(layout, prefix, ticket, changes)),
        outcomes,
      );
      return true;
    } catch (error) {
      if (!refusalOf(error)) throw error;
      return false;
    }
  }

  private async applySingly(rows: readonly DirtyRow[], outcomes: Map<DirtyRow, RowOutcome>): Promise<void> {
    const { writer } = this.ports.to;
    const { layout, prefix } = this.lease;
    const changes = rows.map(changeOf);
    recordOutcomes(
      rows,
      await this.settle((ticket) => writer.applyEach(layout, prefix, ticket, changes)),
      outcomes,
    );
    this.conflicting.add(rows, outcomes);
  }

  /** Reads large rows again in slices, if their chunk is closed. */
  private async applyLarge(rows: readonly DirtyRow[], outcomes: Map<DirtyRow, RowOutcome>): Promise<void> {
    if (rows.length === 0) return;
    const { to, clock, refusalOf } = this.ports;
    const { layout, prefix } = this.lease;
    const keys = rows.map(({ key }) => key);
    const places = await repeatCall(clock, () => to.writer.placeKeys(layout, prefix, keys));
    for (const [index, row] of rows.entries()) {
      const place = places[index]!;
      try {
        outcomes.set(row, place === 'closed' ? await this.applySlices(row) : place);
      } catch (error) {
        const refusal = refusalOf(error);
        if (!refusal) throw error;
        outcomes.set(row, refusal);
      }
    }
  }

  private async applySlices(row: DirtyRow): Promise<RowOutcome> {
    const { clock } = this.ports;
    const { reader } = this.ports.from;
    const { writer } = this.ports.to;
    const { layout, prefix } = this.lease;
    const range = { lower: row.key, upper: null };
    const measured = await repeatCall(clock, () => reader.measureRow(layout, range, null));
    if (measured?.key !== row.key) {
      const gone = [{ key: row.key, row: null }];
      const result = await this.settle((ticket) => writer.applyRows(layout, prefix, ticket, gone));
      return result?.[0] ?? 'unknown';
    }
    const write = (fenced: Write) => this.write(fenced);
    const mover = { reader, writer, clock, layout, ticket: () => this.ticket(), write };
    try {
      if (!(await stageRow(mover, measured))) return 'unknown';
      return (
        (await this.settle((ticket) => writer.applyStaged(layout, prefix, ticket, row.key))) ?? 'unknown'
      );
    } catch (error) {
      const refusal = this.ports.refusalOf(error);
      // The staged slices may be many, so they are deleted now.
      if (refusal) await this.write((ticket) => writer.dropSlices(ticket));
      // A large row is written alone. Its current values may be the ones that the conflicting row needs.
      if (refusal && isConflict(refusal) && this.refused.has(row.key))
        await this.settle((ticket) => writer.parkRow(layout, prefix, ticket, row.key));
      throw error;
    }
  }

  private ticket(): Ticket {
    return { scope: this.lease.scope, token: this.lease.token, seq: this.seq + 1 };
  }

  private async write(write: Write): Promise<void> {
    await settleWrite(this.ports.to.leases, this.ports.clock, this.ticket(), write);
    this.seq += 1;
  }

  private async settle<T>(write: ResultWrite<T>): Promise<T | null> {
    let tries = 0;
    const counted: ResultWrite<T> = (ticket) => {
      tries += 1;
      return write(ticket);
    };
    try {
      const result = await settleResult(this.ports.to.leases, this.ports.clock, this.ticket(), counted);
      this.seq += 1;
      if (result === null) this.retries += 1;
      return result;
    } finally {
      this.retries += Math.max(0, tries - 1);
    }
  }
}

/** Records the verdicts; if they were lost, every row is unknown. */
function recordOutcomes(
  rows: readonly DirtyRow[],
  verdicts: readonly Applied[] | null,
  outcomes: Map<DirtyRow, RowOutcome>,
): void {
  rows.forEach((row, index) => outcomes.set(row, verdicts === null ? 'unknown' : verdicts[index]!));
}

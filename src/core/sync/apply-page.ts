import type { ApplyOutcome } from './apply-outcome';
import { changeOf, requestsOf } from './apply-request';
import { ConflictingRows } from './conflicting-rows';
import { stageRow } from '../backfill/copy-large-row';
import type { Layout } from '../layout';
import type { Applied, Clock, DirtyRow, End, RefusalOf, Ticket } from '../ports';
import { isConflict, type RefusedKeys } from './refused-keys';
import { repeatCall, settleAnswer, settleWrite, type AnsweredWrite, type Write } from '../settle-write';

export interface PagePorts {
  readonly from: Pick<End, 'reader'>;
  readonly to: Pick<End, 'writer' | 'leases'>;
  readonly clock: Clock;
  readonly refusalOf: RefusalOf;
}

/** One claim on one partition. */
export interface AppliersLease {
  readonly layout: Layout;
  /** Of the scopes of the table's chunks. */
  readonly prefix: string;
  readonly scope: string;
  readonly token: number;
}

/** Rows of one call that goes row by row: it ends well within the statement timeout, whatever holds up what. */
const ROWS_EACH_MAX = 1_000;

/** Applies pages of dirty rows under one claim's lease. What it cannot settle keeps its entries, and is met again. */
export class PageApplier {
  private seq = 0;
  private readonly conflicting = new ConflictingRows();
  /** Writes that had to be tried again. */
  retries = 0;

  constructor(
    private readonly ports: PagePorts,
    private readonly lease: AppliersLease,
    private readonly refused: RefusedKeys,
  ) {}

  /** What became of each row; of those that were not tried, nothing. */
  async apply(rows: readonly DirtyRow[]): Promise<ReadonlyMap<DirtyRow, ApplyOutcome>> {
    const nowMs = this.ports.clock.now();
    const isDue = this.refused.dueAt(nowMs);
    const due = rows.filter(({ key }) => isDue(key));
    for (const { key } of rows) if (!isDue(key)) this.refused.waits(key);
    const small = due.filter(({ row }) => row !== 'large');
    const outcomes = new Map<DirtyRow, ApplyOutcome>();
    // Rows that were refused before would only have the others refused with them.
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
   * The end of a pass: rows of different pages that conflict are tried in one call, since circles and chains of unique
   * values end only where all of their rows meet. What it writes may be older than what a later page of the pass wrote: it
   * settles nothing, and the next pass reads and writes each of these rows once more before its entries are forgotten.
   */
  async meet(): Promise<void> {
    const { writer } = this.ports.to;
    const { layout, prefix } = this.lease;
    const rows = this.conflicting.take();
    if (rows.length === 0) return;
    const changes = rows.map(changeOf);
    const verdicts = await this.answer((ticket) => writer.applyEach(layout, prefix, ticket, changes));
    verdicts?.forEach((verdict, index) => {
      if (typeof verdict !== 'object') this.refused.resolved(rows[index]!.key);
    });
  }

  /** False if the target refuses a row: none was applied. */
  private async applyTogether(
    rows: readonly DirtyRow[],
    outcomes: Map<DirtyRow, ApplyOutcome>,
  ): Promise<boolean> {
    const { to, refusalOf } = this.ports;
    const { layout, prefix } = this.lease;
    const changes = rows.map(changeOf);
    try {
      note(
        rows,
        await this.answer((ticket) => to.writer.applyRows(layout, prefix, ticket, changes)),
        outcomes,
      );
      return true;
    } catch (error) {
      if (!refusalOf(error)) throw error;
      return false;
    }
  }

  private async applySingly(rows: readonly DirtyRow[], outcomes: Map<DirtyRow, ApplyOutcome>): Promise<void> {
    const { writer } = this.ports.to;
    const { layout, prefix } = this.lease;
    const changes = rows.map(changeOf);
    note(rows, await this.answer((ticket) => writer.applyEach(layout, prefix, ticket, changes)), outcomes);
    this.conflicting.add(rows, outcomes);
  }

  /** Large rows are read again in slices, but only those that are the applier's. */
  private async applyLarge(rows: readonly DirtyRow[], outcomes: Map<DirtyRow, ApplyOutcome>): Promise<void> {
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

  private async applySlices(row: DirtyRow): Promise<ApplyOutcome> {
    const { clock } = this.ports;
    const { reader } = this.ports.from;
    const { writer } = this.ports.to;
    const { layout, prefix } = this.lease;
    const range = { lower: row.key, upper: null };
    const measured = await repeatCall(clock, () => reader.measureRow(layout, range, null));
    if (measured?.key !== row.key) {
      const gone = [{ key: row.key, row: null }];
      const answer = await this.answer((ticket) => writer.applyRows(layout, prefix, ticket, gone));
      return answer?.[0] ?? 'unknown';
    }
    const write = (fenced: Write) => this.write(fenced);
    const mover = { reader, writer, clock, layout, ticket: () => this.ticket(), write };
    try {
      if (!(await stageRow(mover, measured))) return 'unknown';
      return (
        (await this.answer((ticket) => writer.applyStaged(layout, prefix, ticket, row.key))) ?? 'unknown'
      );
    } catch (error) {
      const refusal = this.ports.refusalOf(error);
      // Its parts may be many: they do not wait for the next large row.
      if (refusal) await this.write((ticket) => writer.dropSlices(ticket));
      // It meets no other row in one call. What it has may be what the row in its place waits for.
      if (refusal && isConflict(refusal) && this.refused.has(row.key))
        await this.answer((ticket) => writer.parkRow(layout, prefix, ticket, row.key));
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

  private async answer<T>(write: AnsweredWrite<T>): Promise<T | null> {
    let tries = 0;
    const counted: AnsweredWrite<T> = (ticket) => {
      tries += 1;
      return write(ticket);
    };
    try {
      const answer = await settleAnswer(this.ports.to.leases, this.ports.clock, this.ticket(), counted);
      this.seq += 1;
      if (answer === null) this.retries += 1;
      return answer;
    } finally {
      this.retries += Math.max(0, tries - 1);
    }
  }
}

/** Verdicts that are lost leave every row unknown. */
function note(
  rows: readonly DirtyRow[],
  verdicts: readonly Applied[] | null,
  outcomes: Map<DirtyRow, ApplyOutcome>,
): void {
  rows.forEach((row, index) => outcomes.set(row, verdicts === null ? 'unknown' : verdicts[index]!));
}

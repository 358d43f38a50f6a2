import { ChunkProgress, type ProgressRequest } from './chunk-progress';
import { copyLargeRow } from './copy-large-row';
import { FencedOut, RowsRefused } from '../errors';
import { hashKey } from '../hash-key';
import type { Layout } from '../layout';
import { scopeOf } from '../ledger';
import { requestsOf, rowsOf } from './page-requests';
import { PageSizer } from './page-size';
import type {
  ChunkLedger,
  Clock,
  CopyProgress,
  End,
  Group,
  Key,
  KeyRange,
  Refusal,
  RefusalOf,
  Ticket,
} from '../ports';
import { repeatCall, settleWrite, type Write } from '../settle-write';

export interface CopyRequest extends ProgressRequest {
  readonly layout: Layout;
  /** How often the chunk was reopened: each attempt starts the range over. */
  readonly attempt: number;
  /** The range may hold rows: an earlier copy, or rows that the definition lets Sluice replace. */
  readonly clear: boolean;
  /**
   * Id of the table's capture, if appliers write beside the copier: rows in whose place they wrote others are left to them.
   * Null: nobody else writes.
   */
  readonly capture: string | null;
  /** Salt of the hashes under which refused rows are named. */
  readonly salt: string;
  /** Time left before this worker is killed, in milliseconds. */
  readonly remainingMs: () => number;
}

export interface CopyPorts {
  readonly from: Pick<End, 'reader' | 'log'>;
  readonly to: Pick<End, 'side' | 'writer' | 'leases'>;
  readonly ledger: ChunkLedger;
  readonly clock: Clock;
  readonly refusalOf: RefusalOf;
}

/** A page still takes a read and a write, each up to the Data API's 45 s, and closing takes a few calls more. */
const RESERVE_MS = 120_000;
/** Beyond so many refused rows in one chunk it is not a few rows that are wrong. */
const SKIPPED_MAX = 100;
/** By a unique index: the one refusal that rows of others can be the cause of. */
const UNIQUE_VIOLATION = '23505';
/** How often a large row is read before its refusal counts, where it may change while it is read. */
const LARGE_TRIES = 3;
/** Keys that are made dirty by one statement. */
const ENQUEUED_AT_ONCE = 500;

/**
 * Copies one claimed chunk page by page: reads page n + 1 while page n is written, under the chunk's lease, whose cursor
 * moves in the same statement, so that no page is written twice. A row that the target refuses is narrowed down,
 * reported and left out.
 * @throws FencedOut if a newer claim or an abort rules; this worker changed nothing after it
 * @throws RowsRefused if the target refuses more rows than a mistake in a few would explain
 */
export const copyChunk = (ports: CopyPorts, request: CopyRequest): Promise<CopyOutcome> =>
  new Copier(ports, request).run();

export interface CopyOutcome {
  /** False: it stopped before its deadline; claim the chunk again to go on. */
  readonly done: boolean;
  /** What this claim moved. */
  readonly moved: CopyProgress;
}

/** What a read brought: groups that can be written, and what stands in the way of more. */
interface Page {
  readonly groups: readonly Group[];
  /** Nothing is left behind these groups. */
  readonly end: boolean;
  /** `large`: the next row, or group of rows, is too large to travel; `unreadable`: the source refused to read it. */
  readonly obstacle: 'large' | 'unreadable' | null;
  /** Rows that the obstacle is somewhere within. */
  readonly obstacleRows: number;
}

class Copier {
  private readonly scope: string;
  private readonly sizer = new PageSizer();
  private readonly progress: ChunkProgress;
  private seq = 0;

  constructor(
    private readonly ports: CopyPorts,
    private readonly request: CopyRequest,
  ) {
    this.scope = scopeOf(request.chunk, ports.to.side);
    this.progress = new ChunkProgress(ports, request);
  }

  async run(): Promise<CopyOutcome> {
    const done = await this.copy();
    return { done, moved: this.progress.moved };
  }

  private async copy(): Promise<boolean> {
    const { ledger, clock } = this.ports;
    const { writer, leases } = this.ports.to;
    const { chunk, layout } = this.request;
    const lease = await repeatCall(clock, () =>
      leases.install(chunk.migration, this.scope, chunk.token, this.request.attempt),
    );
    if (!lease) throw new FencedOut(`the lease of ${this.scope} went to a newer claim or was revoked`);
    if (this.request.clear && lease.cursor === null) {
      await this.write((ticket) => writer.clearRange(layout, lease, ticket));
    }
    const finished = await this.pump(lease, lease.cursor);
    await this.progress.settled();
    if (!finished) return false;
    await this.enqueueSkipped();
    if (!(await repeatCall(clock, () => leases.close(this.scope, chunk.token)))) {
      throw new FencedOut(`the lease of ${this.scope} went to a newer claim before it was closed`);
    }
    await ledger.close(chunk, this.progress.total);
    return true;
  }

  /** Makes the keys dirty that were left to the appliers: durably before the lease is closed, and as often as need be. */
  private async enqueueSkipped(): Promise<void> {
    const { clock } = this.ports;
    const { log } = this.ports.from;
    const { leases } = this.ports.to;
    const { capture, layout } = this.request;
    if (capture === null) return;
    const keys = await repeatCall(clock, () => leases.readSkipped(this.scope));
    for (let from = 0; from < keys.length; from += ENQUEUED_AT_ONCE) {
      const some = keys.slice(from, from + ENQUEUED_AT_ONCE);
      await repeatCall(clock, () => log.enqueue(layout, capture, some));
    }
  }

  /** Moves pages until the range ends (true) or time runs out (false). */
  private async pump(range: KeyRange, cursor: Key | null): Promise<boolean> {
    let after = cursor;
    let ahead = this.read(range, after);
    for (;;) {
      const page = await ahead;
      const last = page.groups.at(-1)?.last ?? null;
      if (last === null) {
        if (page.end) return true;
        after = await this.passObstacle(range, after, page);
        ahead = this.read(range, after);
      } else {
        this.sizer.delivered(page.groups);
        if (!page.end) ahead = this.read(range, last);
        after = await this.writeGroups(page.groups, after);
        if (after !== last) ahead = this.read(range, after);
        else if (page.end) return true;
      }
      if (this.request.remainingMs() < RESERVE_MS) return false;
    }
  }

  private read(range: KeyRange, after: Key | null): Promise<Page> {
    const page = this.readPage(range, after);
    // Read ahead and then not needed, or needed only after a write that fails first: either way it was seen.
    page.catch(() => undefined);
    return page;
  }

  private async readPage(range: KeyRange, after: Key | null): Promise<Page> {
    const { from, clock, refusalOf } = this.ports;
    const size = this.sizer.size;
    try {
      const all = await repeatCall(clock, () =>
        from.reader.readPage(this.request.layout, range, after, size),
      );
      const cut = all.findIndex((group) => group.columns === null);
      const groups = cut < 0 ? all : all.slice(0, cut);
      const complete = cut < 0 && (this.request.layout.wide ? all.length === 0 : rowsOf(all) < size.rowsMax);
      return { groups, end: complete, obstacle: cut < 0 ? null : 'large', obstacleRows: all[cut]?.rows ?? 0 };
    } catch (error) {
      if (!refusalOf(error)) throw error;
      return { groups: [], end: false, obstacle: 'unreadable', obstacleRows: size.rowsMax };
    }
  }

  /** Asks for less, until a single row stands in the way: that one goes in slices, or is left out. Returns the new cursor. */
  private async passObstacle(range: KeyRange, after: Key | null, page: Page): Promise<Key | null> {
    if (page.obstacleRows > 1) {
      if (page.obstacle === 'large') this.sizer.tooLarge(page.obstacleRows);
      else this.sizer.refused(page.obstacleRows);
      return after;
    }
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.moveLargeRow(range, after);
      } catch (error) {
        const refusal = this.ports.refusalOf(error);
        if (!refusal) throw error;
        // Slices of different states of the row may make no value together; those of one state do.
        if (this.request.capture === null || attempt === LARGE_TRIES || this.isTaken(refusal))
          return this.leaveOut(range, after, refusal);
      }
    }
  }

  private async moveLargeRow(range: KeyRange, after: Key | null): Promise<Key | null> {
    const { from, to, clock } = this.ports;
    const { layout } = this.request;
    const write = (fenced: Write) => this.write(fenced);
    const mover = {
      reader: from.reader,
      writer: to.writer,
      clock,
      layout,
      ticket: () => this.ticket(),
      write,
    };
    const moved = await copyLargeRow(mover, range, after);
    if (!moved) return after;
    await this.progress.advance({ pages: 1, rows: 1, bytes: moved.bytes, skipped: 0 });
    await this.progress.pace();
    return moved.key;
  }

  /** Writes a page; returns the last key that is in the target, or left out, when a row was refused on the way. */
  private async writeGroups(groups: readonly Group[], after: Key | null): Promise<Key | null> {
    let written = after;
    for (const part of requestsOf(groups)) {
      const rows = rowsOf(part);
      const last = part.at(-1)!.last;
      try {
        await this.writePage(part);
      } catch (error) {
        const refusal = this.ports.refusalOf(error);
        if (!refusal) throw error;
        if (rows === 1) return this.leaveOutKey(last, refusal);
        this.sizer.refused(rows);
        return written;
      }
      written = last;
      await this.progress.advance({
        pages: 1,
        rows,
        bytes: part.reduce((sum, group) => sum + group.bytes, 0),
        skipped: 0,
      });
      await this.progress.pace();
    }
    return written;
  }

  /** A plain INSERT, since nothing should be in the way; where an applier's rows are, those in their way are left to it. */
  private async writePage(groups: readonly Group[]): Promise<void> {
    const { to, refusalOf } = this.ports;
    const { layout } = this.request;
    try {
      await this.write((ticket) => to.writer.writePage(layout, ticket, groups));
    } catch (error) {
      const refusal = refusalOf(error);
      if (!refusal || !this.isTaken(refusal)) throw error;
      await this.write((ticket) => to.writer.writePageBeside(layout, ticket, groups));
    }
  }

  /** An applier may have put another row in this one's place. */
  private isTaken({ sqlState }: Refusal): boolean {
    return this.request.capture !== null && sqlState === UNIQUE_VIOLATION;
  }

  private async leaveOut(range: KeyRange, after: Key | null, refusal: Refusal): Promise<Key | null> {
    const { from, to, clock } = this.ports;
    const key = await repeatCall(clock, () => from.reader.firstKey(this.request.layout, range, after));
    if (key === null) return after;
    if (!this.isTaken(refusal)) return this.leaveOutKey(key, refusal);
    await this.write((ticket) => to.writer.leaveKey(ticket, key));
    return key;
  }

  private async leaveOutKey(key: Key, refusal: Refusal): Promise<Key> {
    const { to, ledger } = this.ports;
    await ledger.reportRow(this.request.chunk, hashKey(this.request.salt, key), refusal);
    await this.write((ticket) => to.writer.skipRow(ticket, key));
    await this.progress.advance({ pages: 0, rows: 0, bytes: 0, skipped: 1 });
    if (this.progress.total.skipped > SKIPPED_MAX) {
      await this.progress.settled();
      throw new RowsRefused(
        `${this.scope}: the ${to.side} refuses more than ${SKIPPED_MAX} rows (last SQLSTATE ${refusal.sqlState ?? 'unknown'}). Fix the mapping or the ${to.side}, then resume`,
      );
    }
    return key;
  }

  private ticket(): Ticket {
    return { scope: this.scope, token: this.request.chunk.token, seq: this.seq + 1 };
  }

  private async write(write: Write): Promise<void> {
    await settleWrite(this.ports.to.leases, this.ports.clock, this.ticket(), write);
    this.seq += 1;
  }
}

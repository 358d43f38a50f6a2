import { ChunkProgress, type ProgressRequest } from './chunk-progress';
import { copyLargeRow } from './copy-large-row';
import { FencedOut, RowsRefused } from '../errors';
import { hashKey } from '../hash-key';
import type { Layout } from '../layout';
import { scopeOf } from '../ledger';
import { requestsOf, rowsOf } from './page-requests';
import { PageSizer } from './page-size';
import type { End } from '../ends';
import type {
  Authority,
  ChunkLedger,
  Clock,
  CopyProgress,
  Group,
  Key,
  KeyRange,
  Refusal,
  RefusalOf,
  Ticket,
} from '../ports';
import { repeatCall, settleWrite, type Write } from '../settle-write';

export interface CopyRequest extends ProgressRequest {
  /** Of the generation, under an epoch that was read before the lease is installed. */
  readonly authority: Authority;
  readonly layout: Layout;
  /** How often the chunk was reopened: each attempt starts the range over. */
  readonly attempt: number;
  /** Whether the range may contain rows: of an earlier copy, or rows that the definition lets Sluice replace. */
  readonly clear: boolean;
  /**
   * Id of the table's capture if appliers write concurrently: they handle rows that conflict with theirs. Null if the copier is
   * the only writer.
   */
  readonly capture: string | null;
  /** Salt of the key hashes that identify refused rows. */
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

/** Time for one more page (a read and a write of up to 45 s each in the Data API) and for closing the chunk. */
const RESERVE_MS = 120_000;
/** With more refused rows in one chunk, the mistake is not in a few rows. */
const SKIPPED_MAX = 100;
/** How often a large row is read before its refusal counts, because it may change while it is read. */
const LARGE_TRIES = 3;
/** Maximum number of keys that one statement marks dirty. */
const ENQUEUED_AT_ONCE = 500;

/**
 * Copies one claimed chunk page by page, reading page n + 1 while page n is written. The chunk's lease moves its cursor in the
 * statement that writes a page, so no page is written twice. A row that the target refuses is isolated, reported and skipped.
 * @throws FencedOut if a newer claim or an abort holds the lease; this worker has changed nothing since
 * @throws RowsRefused if the target refuses too many rows
 */
export const copyChunk = (ports: CopyPorts, request: CopyRequest): Promise<CopyOutcome> =>
  new Copier(ports, request).run();

export interface CopyOutcome {
  /** False: it stopped before its deadline; claim the chunk again to continue. */
  readonly done: boolean;
  /** Progress of this claim. */
  readonly moved: CopyProgress;
}

/** Result of a read: groups that can be written, and the obstacle to reading more. */
interface Page {
  readonly groups: readonly Group[];
  /** No rows follow these groups. */
  readonly end: boolean;
  /** `large`: the next row or group does not fit into a result; `unreadable`: the source refused to read it. */
  readonly obstacle: 'large' | 'unreadable' | null;
  /** Number of rows among which the obstacle is. */
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
    this.scope = scopeOf(request.authority, ports.to.side, request.chunk);
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
      leases.install(this.request.authority, this.scope, chunk.token, this.request.attempt),
    );
    if (!lease) throw new FencedOut(`the lease of ${this.scope} has a newer claim or was revoked`);
    if (this.request.clear && lease.cursor === null) {
      await this.write((ticket) => writer.clearRange(layout, lease, ticket));
    }
    const finished = await this.pump(lease, lease.cursor);
    await this.progress.settled();
    if (!finished) return false;
    await this.enqueueSkipped();
    if (!(await repeatCall(clock, () => leases.close(this.scope, chunk.token)))) {
      throw new FencedOut(`the lease of ${this.scope} got a newer claim before it was closed`);
    }
    await ledger.close(chunk, this.progress.total);
    return true;
  }

  /** Marks the skipped keys dirty for the appliers before the lease is closed. Safe to repeat. */
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
    // The page may not be needed, or only after a write that fails first: its rejection must not be unhandled.
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

  /** Requests fewer rows until the obstacle is a single row, which is moved in slices or skipped. Returns the new cursor. */
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
        // Slices of different states of the row may not form a valid value, so the row is read again.
        if (this.request.capture === null || attempt === LARGE_TRIES || this.isTaken(refusal))
          return this.skip(range, after, refusal);
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

  /** Writes a page. Returns the last key that is written or skipped, which is not the page's last one if a row was refused. */
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
        if (rows === 1) return this.skipKey(last, refusal);
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

  /** Writes a page with a plain INSERT; rows that conflict with an applier's are left to the applier. */
  private async writePage(groups: readonly Group[]): Promise<void> {
    const { to, refusalOf } = this.ports;
    const { layout } = this.request;
    try {
      await this.write((ticket) => to.writer.writePage(layout, ticket, groups));
    } catch (error) {
      const refusal = refusalOf(error);
      if (!refusal || !this.isTaken(refusal)) throw error;
      await this.write((ticket) => to.writer.writePageConcurrently(layout, ticket, groups));
    }
  }

  /** An applier may have put another row in this one's place; rows of other writers cause no other refusal. */
  private isTaken({ kind }: Refusal): boolean {
    return this.request.capture !== null && kind === 'duplicate';
  }

  private async skip(range: KeyRange, after: Key | null, refusal: Refusal): Promise<Key | null> {
    const { from, to, clock } = this.ports;
    const key = await repeatCall(clock, () => from.reader.firstKey(this.request.layout, range, after));
    if (key === null) return after;
    if (!this.isTaken(refusal)) return this.skipKey(key, refusal);
    await this.write((ticket) => to.writer.skipToApplier(ticket, key));
    return key;
  }

  private async skipKey(key: Key, refusal: Refusal): Promise<Key> {
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

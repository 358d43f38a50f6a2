import { createHash } from 'node:crypto';
import { copyLargeRow } from './copy-large-row';
import { FencedOut, PoisonedRows } from './errors';
import type { Layout } from './layout';
import { scopeOf, type Chunk } from './ledger';
import { PageSizer } from './page-size';
import type {
  ChunkLedger,
  Clock,
  CopyProgress,
  Group,
  Key,
  KeyRange,
  Refusal,
  RefusalOf,
  SourceTable,
  TargetTable,
  Ticket,
} from './ports';
import { repeatCall, settleWrite, type Write } from './settle-write';

export interface CopyRequest {
  readonly chunk: Chunk;
  readonly layout: Layout;
  /** What earlier claims of this chunk moved. */
  readonly before: CopyProgress;
  /** How often the chunk was reopened: each life starts the range over. */
  readonly life: number;
  /** The range may hold rows: an earlier copy, or rows that the definition lets Sluice replace. */
  readonly clear: boolean;
  /** Rows per second of this copier, or null. */
  readonly rowsPerSecondMax: number | null;
  /** Salt of the hashes under which refused rows are named. */
  readonly salt: string;
  /** Time left before this worker is killed, in milliseconds. */
  readonly remainingMs: () => number;
}

export interface CopyPorts {
  readonly source: SourceTable;
  readonly target: TargetTable;
  readonly ledger: ChunkLedger;
  readonly clock: Clock;
  readonly refusalOf: RefusalOf;
}

/** A page still takes a read and a write, each up to the Data API's 45 s, and closing takes a few calls more. */
const RESERVE_MS = 120_000;
/** Beyond so many refused rows in one chunk it is not a few rows that are wrong. */
const SKIPPED_MAX = 100;
/** The Data API takes 4 MiB of request; JSON writes a quote as two bytes and a control character as six. */
const REQUEST_BYTES_MAX = 3_800_000;
const CONTROL_CHARACTER = /[\u0000-\u0007\u000b\u000e-\u001f]/;

/**
 * Copies one claimed chunk page by page: reads page n + 1 while page n is written, under the chunk's lease, whose cursor
 * moves in the same statement, so that no page is written twice. A row that the target refuses is narrowed down,
 * reported and left out.
 * @throws FencedOut if a newer claim or an abort rules; this worker changed nothing after it
 * @throws PoisonedRows if the target refuses more rows than a mistake in a few would explain
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
  private readonly startedMs: number;
  private progress: CopyProgress;
  private seq = 0;
  private checkpoint: Promise<void> = Promise.resolve();

  constructor(
    private readonly ports: CopyPorts,
    private readonly request: CopyRequest,
  ) {
    this.scope = scopeOf(request.chunk);
    const { pages, rows, bytes, skipped } = request.before;
    this.progress = { pages, rows, bytes, skipped };
    this.startedMs = ports.clock.now();
  }

  async run(): Promise<CopyOutcome> {
    const done = await this.copy();
    const { before } = this.request;
    const { pages, rows, bytes, skipped } = this.progress;
    return {
      done,
      moved: {
        pages: pages - before.pages,
        rows: rows - before.rows,
        bytes: bytes - before.bytes,
        skipped: skipped - before.skipped,
      },
    };
  }

  private async copy(): Promise<boolean> {
    const { target, ledger, clock } = this.ports;
    const { chunk, layout } = this.request;
    const lease = await repeatCall(clock, () =>
      target.installLease(chunk.migration, this.scope, chunk.token, this.request.life),
    );
    if (!lease) throw new FencedOut(`the lease of ${this.scope} went to a newer claim or was revoked`);
    if (this.request.clear && lease.cursor === null) {
      await this.write((ticket) => target.clearRange(layout, lease, ticket));
    }
    const finished = await this.pump(lease, lease.cursor);
    await this.checkpoint;
    if (!finished) return false;
    if (!(await repeatCall(clock, () => target.closeLease(this.scope, chunk.token)))) {
      throw new FencedOut(`the lease of ${this.scope} went to a newer claim before it was closed`);
    }
    await ledger.close(chunk, this.progress);
    return true;
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
    const { source, clock, refusalOf } = this.ports;
    const size = this.sizer.size;
    try {
      const all = await repeatCall(clock, () => source.readPage(this.request.layout, range, after, size));
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
    try {
      const { source, target, clock } = this.ports;
      const { layout } = this.request;
      const row = { source, target, clock, layout, range, after, ticket: this.ticket() };
      const moved = await copyLargeRow(row, (write) => this.write(write));
      if (!moved) return after;
      await this.advance({ pages: 1, rows: 1, bytes: moved.bytes, skipped: 0 });
      await this.pace();
      return moved.key;
    } catch (error) {
      const refusal = this.ports.refusalOf(error);
      if (!refusal) throw error;
      return this.leaveOut(range, after, refusal);
    }
  }

  /** Writes a page; returns the last key that is in the target, or left out, when a row was refused on the way. */
  private async writeGroups(groups: readonly Group[], after: Key | null): Promise<Key | null> {
    const { target, refusalOf } = this.ports;
    let written = after;
    for (const part of requestsOf(groups)) {
      const rows = rowsOf(part);
      const last = part.at(-1)!.last;
      try {
        await this.write((ticket) => target.writePage(this.request.layout, ticket, part));
      } catch (error) {
        const refusal = refusalOf(error);
        if (!refusal) throw error;
        if (rows === 1) return this.leaveOutKey(last, refusal);
        this.sizer.refused(rows);
        return written;
      }
      written = last;
      await this.advance({
        pages: 1,
        rows,
        bytes: part.reduce((sum, group) => sum + group.bytes, 0),
        skipped: 0,
      });
      await this.pace();
    }
    return written;
  }

  private async leaveOut(range: KeyRange, after: Key | null, refusal: Refusal): Promise<Key | null> {
    const { source, clock } = this.ports;
    const key = await repeatCall(clock, () => source.firstKey(this.request.layout, range, after));
    return key === null ? after : this.leaveOutKey(key, refusal);
  }

  private async leaveOutKey(key: Key, refusal: Refusal): Promise<Key> {
    const { target, ledger } = this.ports;
    const hashedKey = createHash('sha256').update(this.request.salt).update(key).digest('hex');
    await ledger.reportRow(this.request.chunk, hashedKey, refusal);
    await this.write((ticket) => target.skipRow(ticket, key));
    await this.advance({ pages: 0, rows: 0, bytes: 0, skipped: 1 });
    if (this.progress.skipped > SKIPPED_MAX) {
      await this.checkpoint;
      throw new PoisonedRows(
        `${this.scope}: the target refuses more than ${SKIPPED_MAX} rows (last SQLSTATE ${refusal.sqlState ?? 'unknown'}); mend the mapping or the target, then resume`,
      );
    }
    return key;
  }

  private ticket(): Ticket {
    return { scope: this.scope, token: this.request.chunk.token, seq: this.seq + 1 };
  }

  private async write(write: Write): Promise<void> {
    await settleWrite(this.ports.target, this.ports.clock, this.ticket(), write);
    this.seq += 1;
  }

  /** Counts what is in the target now. The checkpoint travels while the next page does, never two at a time. */
  private async advance(delta: CopyProgress): Promise<void> {
    await this.checkpoint;
    const { pages, rows, bytes, skipped } = this.progress;
    this.progress = {
      pages: pages + delta.pages,
      rows: rows + delta.rows,
      bytes: bytes + delta.bytes,
      skipped: skipped + delta.skipped,
    };
    this.checkpoint = this.ports.ledger.checkpoint(this.request.chunk, this.progress);
    this.checkpoint.catch(() => undefined);
  }

  /** Waits for the rows' turn under the throttle. */
  private async pace(): Promise<void> {
    const { rowsPerSecondMax } = this.request;
    if (rowsPerSecondMax === null) return;
    const dueMs =
      this.startedMs + ((this.progress.rows - this.request.before.rows) / rowsPerSecondMax) * 1000;
    const waitMs = dueMs - this.ports.clock.now();
    if (waitMs > 0) await this.ports.clock.sleep(waitMs);
  }
}

const rowsOf = (groups: readonly Group[]): number => groups.reduce((sum, group) => sum + group.rows, 0);

/** Packs groups into as few requests as stay below the service's limit. */
export function requestsOf(groups: readonly Group[]): Group[][] {
  const requests: Group[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const group of groups) {
    const cost = group.bytes * (group.columns!.some((column) => CONTROL_CHARACTER.test(column)) ? 6 : 2);
    if (bytes + cost > REQUEST_BYTES_MAX) {
      requests.push([]);
      bytes = 0;
    }
    requests.at(-1)!.push(group);
    bytes += cost;
  }
  return requests;
}

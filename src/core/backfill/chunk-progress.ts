import type { Chunk } from '../ledger';
import type { ChunkLedger, Clock, CopyProgress } from '../ports';

export interface ProgressPorts {
  readonly ledger: ChunkLedger;
  readonly clock: Clock;
}

export interface ProgressRequest {
  readonly chunk: Chunk;
  /** Progress of earlier claims of this chunk. */
  readonly before: CopyProgress;
  /** Rows per second of this copier, or null. */
  readonly rowsPerSecondMax: number | null;
}

/** Progress of one claim: reported to the ledger and slowed down by the throttle. */
export class ChunkProgress {
  private readonly startedMs: number;
  private progress: CopyProgress;
  private checkpoint: Promise<void> = Promise.resolve();

  constructor(
    private readonly ports: ProgressPorts,
    private readonly request: ProgressRequest,
  ) {
    const { pages, rows, bytes, skipped } = request.before;
    this.progress = { pages, rows, bytes, skipped };
    this.startedMs = ports.clock.now();
  }

  /** Progress of all claims. */
  get total(): CopyProgress {
    return this.progress;
  }

  /** Progress of this claim. */
  get moved(): CopyProgress {
    const { before } = this.request;
    const { pages, rows, bytes, skipped } = this.progress;
    return {
      pages: pages - before.pages,
      rows: rows - before.rows,
      bytes: bytes - before.bytes,
      skipped: skipped - before.skipped,
    };
  }

  /** Counts rows that are now in the target. The checkpoint is written concurrently with the next page, one at a time. */
  async advance(delta: CopyProgress): Promise<void> {
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

  /** Waits for the last checkpoint. @throws FencedOut */
  async settled(): Promise<void> {
    await this.checkpoint;
  }

  /** Waits as long as the throttle demands. */
  async pace(): Promise<void> {
    const { rowsPerSecondMax } = this.request;
    if (rowsPerSecondMax === null) return;
    const dueMs = this.startedMs + (this.moved.rows / rowsPerSecondMax) * 1000;
    const waitMs = dueMs - this.ports.clock.now();
    if (waitMs > 0) await this.ports.clock.sleep(waitMs);
  }
}

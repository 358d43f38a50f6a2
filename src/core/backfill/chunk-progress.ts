import type { Chunk } from '../ledger';
import type { ChunkLedger, Clock, CopyProgress } from '../ports';

export interface ProgressPorts {
  readonly ledger: ChunkLedger;
  readonly clock: Clock;
}

export interface ProgressRequest {
  readonly chunk: Chunk;
  /** What earlier claims of this chunk moved. */
  readonly before: CopyProgress;
  /** Rows per second of this copier, or null. */
  readonly rowsPerSecondMax: number | null;
}

/** What one claim has moved: told to the ledger, and held back by the throttle. */
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

  /** Of all claims. */
  get total(): CopyProgress {
    return this.progress;
  }

  /** Of this claim. */
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

  /** Counts what is in the target now. The checkpoint travels while the next page does, never two at a time. */
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

  /** Waits for the rows' turn under the throttle. */
  async pace(): Promise<void> {
    const { rowsPerSecondMax } = this.request;
    if (rowsPerSecondMax === null) return;
    const dueMs = this.startedMs + (this.moved.rows / rowsPerSecondMax) * 1000;
    const waitMs = dueMs - this.ports.clock.now();
    if (waitMs > 0) await this.ports.clock.sleep(waitMs);
  }
}

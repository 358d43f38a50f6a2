import {
  addSample,
  progressLines,
  progressSummary,
  sampleOf,
  type Sample,
  type SyncStatus,
} from './progress';

/** Where progress is shown. */
export interface ScreenOutput {
  line(text: string): void;
  /** Absent where nothing can be redrawn. */
  readonly draw?: (text: string) => void;
  readonly columns: number;
}

/** Without a terminal, a line this often. */
const LINE_EVERY_MS = 3_000;

/** Shows the progress of a migration: redrawn on a terminal, line by line elsewhere. */
export class Screen {
  private samples: Sample[] = [];
  private drawnLines = 0;
  private lastLineAtMs = -Infinity;

  constructor(private readonly output: ScreenOutput) {}

  show(stand: SyncStatus, atMs: number): void {
    this.samples = addSample(this.samples, sampleOf(stand, atMs));
    const { draw, columns } = this.output;
    if (draw !== undefined) this.redraw(draw, progressLines(stand, this.samples, columns - 1));
    else if (atMs - this.lastLineAtMs >= LINE_EVERY_MS) {
      this.lastLineAtMs = atMs;
      this.output.line(progressSummary(stand, this.samples));
    }
  }

  /** Keeps the current output; later output appears below it. */
  end(): void {
    this.drawnLines = 0;
  }

  private redraw(draw: (text: string) => void, lines: readonly string[]): void {
    const up = this.drawnLines === 0 ? '' : `\x1b[${this.drawnLines}A\r`;
    draw(`${up}\x1b[J${lines.join('\n')}\n`);
    this.drawnLines = lines.length;
  }
}

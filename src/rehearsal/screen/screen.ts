import {
  addSample,
  progressLines,
  progressSummary,
  sampleOf,
  type Sample,
  type MigrationProgress,
} from './progress';

/** The output for progress. */
export interface ScreenOutput {
  line(text: string): void;
  /** Absent if the output cannot be redrawn. */
  readonly draw?: (text: string) => void;
  readonly columns: number;
}

/** Interval between two lines without a terminal. */
const LINE_EVERY_MS = 3_000;

/** Shows the progress of a migration: redraws it on a terminal, and prints lines elsewhere. */
export class Screen {
  private samples: Sample[] = [];
  private drawnLines = 0;
  private lastLineAtMs = -Infinity;

  constructor(private readonly output: ScreenOutput) {}

  show(progress: MigrationProgress, atMs: number): void {
    this.samples = addSample(this.samples, sampleOf(progress, atMs));
    const { draw, columns } = this.output;
    if (draw !== undefined) this.redraw(draw, progressLines(progress, this.samples, columns - 1));
    else if (atMs - this.lastLineAtMs >= LINE_EVERY_MS) {
      this.lastLineAtMs = atMs;
      this.output.line(progressSummary(progress, this.samples));
    }
  }

  /** Keeps the last drawing, so that later output appears below it. */
  end(): void {
    this.drawnLines = 0;
  }

  private redraw(draw: (text: string) => void, lines: readonly string[]): void {
    const up = this.drawnLines === 0 ? '' : `\x1b[${this.drawnLines}A\r`;
    draw(`${up}\x1b[J${lines.join('\n')}\n`);
    this.drawnLines = lines.length;
  }
}

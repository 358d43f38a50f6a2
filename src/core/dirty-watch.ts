import type { ChangeLog, Clock } from './ports';

/** How long an answer serves, in milliseconds. */
const FRESH_MS = 100;

interface Answer {
  readonly dirty: ReadonlySet<string>;
  /** When it was asked. */
  readonly atMs: number;
}

/** Asks the change log which partitions have work: once for all that ask at about the same time. */
export class DirtyWatch {
  private asked: { readonly atMs: number; readonly answer: Promise<Answer> } | null = null;

  constructor(
    private readonly source: Pick<ChangeLog, 'dirtyPartitions'>,
    private readonly clock: Clock,
    private readonly captures: readonly string[],
  ) {}

  /** Whether a partition held entries at an instant of the clock. */
  async look(capture: string, partition: number): Promise<{ dirty: boolean; atMs: number }> {
    const nowMs = this.clock.now();
    if (this.asked === null || nowMs - this.asked.atMs >= FRESH_MS) {
      this.asked = { atMs: nowMs, answer: this.ask(nowMs) };
    }
    const { dirty, atMs } = await this.asked.answer;
    return { dirty: dirty.has(`${capture}/${partition}`), atMs };
  }

  private async ask(atMs: number): Promise<Answer> {
    return { dirty: await this.source.dirtyPartitions(this.captures), atMs };
  }
}

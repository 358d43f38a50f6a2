import type { ChangeLog, Clock } from './ports';

/** How long an answer serves, in milliseconds. */
const FRESH_MS = 100;

/** Asks the change log which partitions have work: once for all that ask at about the same time. */
export class DirtyWatch {
  private asked: { readonly atMs: number; readonly answer: Promise<ReadonlySet<string>> } | null = null;

  constructor(
    private readonly source: Pick<ChangeLog, 'dirtyPartitions'>,
    private readonly clock: Clock,
    private readonly captures: readonly string[],
  ) {}

  async isDirty(capture: string, partition: number): Promise<boolean> {
    const now = this.clock.now();
    if (this.asked === null || now - this.asked.atMs >= FRESH_MS) {
      this.asked = { atMs: now, answer: this.source.dirtyPartitions(this.captures) };
    }
    return (await this.asked.answer).has(`${capture}/${partition}`);
  }
}

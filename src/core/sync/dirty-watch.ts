import type { ChangeLog, Clock, DirtyPartitions } from '../ports';

/** How long an answer serves, in milliseconds. */
const FRESH_MS = 100;

/** Asks the change log which partitions have work: once for all that ask at about the same time. */
export class DirtyWatch {
  private asked: { readonly atMs: number; readonly answer: Promise<DirtyPartitions> } | null = null;

  constructor(
    private readonly log: Pick<ChangeLog, 'dirtyPartitions'>,
    private readonly clock: Clock,
    private readonly captures: readonly string[],
  ) {}

  /** Whether a partition held entries at an instant of the database's clock. */
  async look(capture: string, partition: number): Promise<{ dirty: boolean; atMs: number }> {
    const { dirty, atMs } = await this.answer();
    return { dirty: dirty.has(`${capture}/${partition}`), atMs };
  }

  /** About what the database's clock says. */
  async now(): Promise<number> {
    return (await this.answer()).atMs;
  }

  private answer(): Promise<DirtyPartitions> {
    const nowMs = this.clock.now();
    if (this.asked === null || nowMs - this.asked.atMs >= FRESH_MS)
      this.asked = { atMs: nowMs, answer: this.log.dirtyPartitions(this.captures) };
    return this.asked.answer;
  }
}

/** Holds up whatever passes while it is closed. */
export class Gate {
  /** Whether anything was held up. */
  isReached = false;
  private release: (() => void) | null = null;
  private opened: Promise<void> = Promise.resolve();

  close(): void {
    this.opened = new Promise((done) => (this.release = done));
  }

  open(): void {
    this.release?.();
    this.release = null;
  }

  async pass(): Promise<void> {
    if (this.release === null) return;
    this.isReached = true;
    await this.opened;
  }
}

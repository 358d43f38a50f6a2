import type { Clock } from './clock';
import type { Halted } from './errors';

/**
 * A branch of an execution that can be ended from outside: by a stop, a timeout, or a sibling's failure.
 * Everything that waits, waits through its scope, so that nothing goes on after the end.
 */
export class Scope {
  private halted: Halted | undefined;
  private readonly listeners = new Set<(halted: Halted) => void>();
  private readonly leaveParent: () => void;

  constructor(parent?: Scope) {
    this.leaveParent = parent ? parent.onHalt((halted) => this.halt(halted)) : () => undefined;
  }

  halt(halted: Halted): void {
    if (this.halted) return;
    this.halted = halted;
    for (const listener of [...this.listeners]) listener(halted);
    this.listeners.clear();
  }

  /** Forgets the parent; to be called when the branch is over. */
  leave(): void {
    this.leaveParent();
  }

  throwIfHalted(): void {
    if (this.halted) throw this.halted;
  }

  /** Calls at once if it has already ended. Returns the removal. */
  onHalt(listener: (halted: Halted) => void): () => void {
    if (this.halted) {
      listener(this.halted);
      return () => undefined;
    }
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** The work's outcome, or {@link Halted} as soon as the branch ends; the work itself is told by its signal. */
  async race<T>(start: (signal: AbortSignal) => Promise<T>): Promise<T> {
    this.throwIfHalted();
    const controller = new AbortController();
    let remove: () => void = () => undefined;
    const ended = new Promise<never>((_resolve, reject) => {
      remove = this.onHalt((halted) => {
        reject(halted);
        controller.abort();
      });
    });
    try {
      return await Promise.race([start(controller.signal), ended]);
    } finally {
      remove();
      controller.abort();
    }
  }

  async wait(clock: Clock, durationMs: number): Promise<void> {
    await this.race((signal) => clock.wait(durationMs, signal));
  }
}

import type { Clock } from './clock';
import type { Halted } from './errors';

/**
 * A branch of an execution that can be halted from outside: by a stop, a timeout or the failure of a sibling.
 * All waits go through the scope, so that no work continues after the branch is halted.
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

  /** Unsubscribes from the parent. Call it when the branch has ended. */
  leave(): void {
    this.leaveParent();
  }

  throwIfHalted(): void {
    if (this.halted) throw this.halted;
  }

  /** Registers a listener, and calls it immediately if the scope is halted. Returns a function that removes it. */
  onHalt(listener: (halted: Halted) => void): () => void {
    if (this.halted) {
      listener(this.halted);
      return () => undefined;
    }
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Returns the result of the work. When the scope is halted, aborts the signal and throws {@link Halted}. */
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

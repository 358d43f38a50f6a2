import type { Clock } from '../step-functions';

interface Waiter {
  readonly atMs: number;
  readonly resolve: () => void;
}

/** A clock that jumps to the next waiter whenever no other work is left. Only for tests without I/O. */
export class VirtualClock implements Clock {
  private timeMs = Date.UTC(2026, 0, 31, 12);
  private readonly waiters = new Set<Waiter>();
  private pumping = false;

  nowMs(): number {
    return this.timeMs;
  }

  wait(durationMs: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const waiter = { atMs: this.timeMs + durationMs, resolve };
      this.waiters.add(waiter);
      signal.addEventListener('abort', () => {
        this.waiters.delete(waiter);
        resolve();
      });
      void this.pump();
    });
  }

  private async pump(): Promise<void> {
    if (this.pumping) return;
    this.pumping = true;
    while (this.waiters.size > 0) {
      for (let turns = 0; turns < 5; turns++) await new Promise((resolve) => setImmediate(resolve));
      const [next] = [...this.waiters].sort((left, right) => left.atMs - right.atMs);
      if (!next) break;
      this.waiters.delete(next);
      this.timeMs = Math.max(this.timeMs, next.atMs);
      next.resolve();
    }
    this.pumping = false;
  }
}

/** Creates a virtual clock with fractions of a millisecond, as after waits with jitter. */
export function fractionalClock(): Clock {
  const clock = new VirtualClock();
  return { nowMs: () => clock.nowMs() + 0.4, wait: (durationMs, signal) => clock.wait(durationMs, signal) };
}

/** The engine's only source of time. Tests pass a faster clock. */
export interface Clock {
  /** Milliseconds since the epoch. */
  nowMs(): number;
  /** Resolves after the duration, or as soon as the signal is aborted. Never rejects. */
  wait(durationMs: number, signal: AbortSignal): Promise<void>;
}

// Node.js fires a timer with a longer delay immediately, because the delay overflows.
const TIMER_MS_MAX = 2 ** 31 - 1;

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  async wait(durationMs, signal) {
    const endMs = Date.now() + durationMs;
    for (let leftMs = durationMs; leftMs > 0 && !signal.aborted; leftMs = endMs - Date.now()) {
      await new Promise<void>((resolve) => {
        const finish = (): void => {
          clearTimeout(timer);
          signal.removeEventListener('abort', finish);
          resolve();
        };
        const timer = setTimeout(finish, Math.min(leftMs, TIMER_MS_MAX));
        signal.addEventListener('abort', finish, { once: true });
      });
    }
  },
};

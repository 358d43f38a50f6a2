/**
 * Invocations of type Event: accepted immediately, run later, and retried as Lambda retries them.
 * https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
 */
import { setTimeout as sleep } from 'node:timers/promises';

import { InvocationError, serviceRefusal } from './errors';

/** Limit of an event; Lambda's MB are 1,024 KB. */
export const EVENT_BYTES_MAX = 1024 * 1024;
/** An older event is dropped. */
const AGE_MS_MAX = 6 * 3_600_000;
/** Delays before the first and the second retry of an event whose function failed. There is no third. */
const ERROR_DELAYS_MS = [60_000, 120_000];
/** Delays between throttled attempts: the first delay, doubled each time up to the maximum. */
const THROTTLE_DELAY_MS = { first: 1_000, max: 300_000 };

/** Time and waiting, which tests shorten. */
export interface EventClock {
  /** Milliseconds of a monotonic clock. */
  now(): number;
  /** Rejects when the signal aborts. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

export const REAL_CLOCK: EventClock = {
  now: () => performance.now(),
  sleep: async (ms, signal) => {
    await sleep(ms, undefined, { signal });
  },
};

export interface QueuedEvent {
  /** Without a qualifier. */
  readonly functionName: string;
  /** A version, an alias or `$LATEST`. Each attempt invokes the version that the alias then has. */
  readonly qualifier: string | undefined;
  /** JSON text. */
  readonly payload: string;
  /** The same in every attempt. */
  readonly requestId: string;
}

export interface EventQueueOptions {
  /** One attempt. @throws InvocationError */
  readonly attempt: (event: QueuedEvent) => Promise<unknown>;
  readonly clock: EventClock;
  /** Called for each attempt that will be retried, and for each event that is dropped. */
  readonly onFailure: (event: QueuedEvent, then: 'retried' | 'dropped', error: InvocationError) => void;
}

export class EventQueue {
  private readonly stopped = new AbortController();
  private readonly open = new Set<Promise<void>>();

  constructor(private readonly options: EventQueueOptions) {}

  /** @throws InvocationError if the payload is over the limit */
  take(event: QueuedEvent): void {
    const bytes = Buffer.byteLength(event.payload);
    if (bytes > EVENT_BYTES_MAX) {
      throw serviceRefusal(
        event.requestId,
        'RequestEntityTooLargeException',
        `${bytes} byte payload is too large for the Event invocation type (limit ${EVENT_BYTES_MAX} bytes)`,
      );
    }
    const delivery: Promise<void> = this.deliver(event).finally(() => this.open.delete(delivery));
    this.open.add(delivery);
  }

  /** Drops waiting events immediately. Resolves when the running attempts have ended. */
  async close(): Promise<void> {
    this.stopped.abort();
    await Promise.all(this.open);
  }

  private async deliver(event: QueuedEvent): Promise<void> {
    const { attempt, clock, onFailure } = this.options;
    const expiresAt = clock.now() + AGE_MS_MAX;
    const delays = retryDelays();
    for (;;) {
      // The attempt must not start within the call that queues the event.
      await Promise.resolve();
      if (this.stopped.signal.aborted) return;
      const error = await failureOf(attempt(event));
      if (error === undefined) return;
      const waitMs = delays.after(error);
      if (waitMs === undefined || clock.now() + waitMs > expiresAt) return onFailure(event, 'dropped', error);
      onFailure(event, 'retried', error);
      try {
        await clock.sleep(waitMs, this.stopped.signal);
      } catch {
        return;
      }
    }
  }
}

/** Returns the delay after each failure of one event. Errors and throttles are counted separately. */
function retryDelays(): { after(error: InvocationError): number | undefined } {
  let [errors, throttles] = [0, 0];
  return {
    after: ({ payload }) => {
      if (payload !== undefined) return ERROR_DELAYS_MS[errors++];
      return Math.min(THROTTLE_DELAY_MS.first * 2 ** throttles++, THROTTLE_DELAY_MS.max);
    },
  };
}

async function failureOf(attempt: Promise<unknown>): Promise<InvocationError | undefined> {
  try {
    await attempt;
    return undefined;
  } catch (error) {
    if (error instanceof InvocationError) return error;
    throw error;
  }
}

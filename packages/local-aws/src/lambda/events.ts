/**
 * Invocations of type Event: taken at once, run later, tried again as Lambda does.
 * https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
 */
import { setTimeout as sleep } from 'node:timers/promises';

import { InvocationError, serviceRefusal } from './errors';

/** Of an event; Lambda's MB are 1,024 KB. */
export const EVENT_BYTES_MAX = 1024 * 1024;
/** An event that is older is dropped. */
const AGE_MS_MAX = 6 * 3_600_000;
/** Before the first and the second repetition of an invocation that the function failed; there is no third. */
const AFTER_ERROR_MS = [60_000, 120_000];
/** Between attempts that Lambda itself refused: from the first, doubled, up to the second. */
const AFTER_THROTTLE_MS = { first: 1_000, max: 300_000 };

/** Waiting and the time, which tests shorten. */
export interface EventClock {
  /** Milliseconds of a clock that never goes back. */
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
  readonly functionName: string;
  /** JSON text. */
  readonly payload: string;
  /** The same in every attempt. */
  readonly requestId: string;
}

export interface EventQueueOptions {
  /** One attempt. @throws InvocationError */
  readonly attempt: (event: QueuedEvent) => Promise<unknown>;
  readonly clock: EventClock;
  /** Told of each attempt that will be repeated, and of each event that is given up. */
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

  /** Gives up what waits, at once; resolves when the attempts that run have ended. */
  async close(): Promise<void> {
    this.stopped.abort();
    await Promise.all(this.open);
  }

  private async deliver(event: QueuedEvent): Promise<void> {
    const { attempt, clock, onFailure } = this.options;
    const expiresAt = clock.now() + AGE_MS_MAX;
    const waits = waitsOf();
    for (;;) {
      // Never within the call that hands the event over.
      await Promise.resolve();
      if (this.stopped.signal.aborted) return;
      const error = await failureOf(attempt(event));
      if (error === undefined) return;
      const waitMs = waits.after(error);
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

/** How long one event waits after each failure; the two kinds of failure are counted apart. */
function waitsOf(): { after(error: InvocationError): number | undefined } {
  let [errors, throttles] = [0, 0];
  return {
    after: ({ payload }) => {
      if (payload !== undefined) return AFTER_ERROR_MS[errors++];
      return Math.min(AFTER_THROTTLE_MS.first * 2 ** throttles++, AFTER_THROTTLE_MS.max);
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

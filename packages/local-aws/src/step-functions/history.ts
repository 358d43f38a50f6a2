import { LIMITS } from './limits';

/** An event as GetExecutionHistory returns it; `timestamp` is in seconds since the epoch. */
export interface HistoryEvent {
  readonly id: number;
  readonly previousEventId: number;
  readonly timestamp: number;
  readonly type: string;
  readonly [details: string]: unknown;
}

/** The key and value of an event's details, e.g. `stateEnteredEventDetails`. */
export type Details = readonly [key: string, value: Readonly<Record<string, unknown>>];

const CLOSING = new Set(['ExecutionSucceeded', 'ExecutionFailed', 'ExecutionAborted', 'ExecutionTimedOut']);

/** The history events of one execution, in order. Their number is limited as in AWS. */
export class History {
  constructor(
    private readonly events: HistoryEvent[],
    private readonly nowMs: () => number,
    private readonly onEvent: (event: HistoryEvent) => void,
    private readonly eventsMax: number = LIMITS.historyEventsMax,
  ) {}

  /** Returns whether the history has no room for the event. The last slot is reserved for a closing event. */
  isFullFor(type: string): boolean {
    return this.events.length >= this.eventsMax - 1 && !CLOSING.has(type);
  }

  add(type: string, previousEventId: number, details?: Details): number {
    const event: HistoryEvent = {
      id: this.events.length + 1,
      previousEventId,
      timestamp: this.nowMs() / 1000,
      type,
      ...(details ? { [details[0]]: details[1] } : {}),
    };
    this.events.push(event);
    this.onEvent(event);
    return event.id;
  }
}

/** Formats a data field of an event: the JSON text, never truncated. */
export const dataDetails = (field: 'input' | 'output', text: string): Record<string, unknown> => ({
  [field]: text,
  [`${field}Details`]: { truncated: false },
});

export const failureDetails = (
  error: string | undefined,
  cause: string | undefined,
): { error?: string; cause?: string } => ({
  ...(error === undefined ? {} : { error }),
  ...(cause === undefined ? {} : { cause }),
});

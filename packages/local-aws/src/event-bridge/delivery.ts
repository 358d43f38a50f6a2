/** Delivers events to targets: at least once, with retries, and finally to a dead-letter queue. */
import type { Clock } from '../step-functions';
import type { Event } from './event';
import type { RuleIdentity } from './input';
import type { Target } from './rule';

/** A target did not accept an event. */
export class DeliveryFailure extends Error {
  constructor(
    /** One of the documented values of ERROR_CODE. */
    readonly code:
      'NO_RESOURCE' | 'NO_PERMISSIONS' | 'THROTTLING' | 'INVALID_JSON' | 'INVALID_PARAMETER' | 'UNKNOWN',
    message: string,
    /** False for permanent failures, e.g. a missing target or invalid input: such events are not retried. */
    readonly retryable: boolean,
  ) {
    super(message);
  }
}

/** Faults that the caller injects into deliveries, reproducible by its random numbers. */
export interface DeliveryFaults {
  /** Share of the deliveries that are duplicated. */
  readonly duplicates: number;
  /** Share of the attempts that are throttled. */
  readonly failures: number;
  readonly delayMsMax: number;
  /** 0 ≤ x < 1 */
  readonly random: () => number;
}

export interface DeadLetter {
  readonly queueArn: string;
  readonly body: string;
  readonly attributes: Readonly<Record<string, string>>;
}

export interface DeliveryOptions {
  readonly clock: Clock;
  /** @throws DeliveryFailure */
  readonly deliver: (target: Target, input: string, event: Event, rule: RuleIdentity) => Promise<void>;
  /** @throws Error if the queue does not exist */
  readonly deadLetter: (letter: DeadLetter) => void;
  readonly onProblem: (problem: string) => void;
  readonly faults?: DeliveryFaults | undefined;
}

/** Exponential backoff with jitter. AWS documents only that there are 185 attempts in 24 hours. */
const BACKOFF_MS = { first: 1_000, max: 480_000 };

export class Deliveries {
  private readonly stopped = new AbortController();
  private readonly open = new Set<Promise<void>>();

  constructor(private readonly options: DeliveryOptions) {}

  start(rule: RuleIdentity, target: Target, event: Event): void {
    const { faults } = this.options;
    const times = faults !== undefined && faults.random() < faults.duplicates ? 2 : 1;
    for (let count = 0; count < times; count++) {
      const delivery: Promise<void> = this.run(rule, target, event)
        .catch((error: unknown) =>
          this.options.onProblem(`Delivery failed by a defect of the engine: ${String(error)}`),
        )
        .finally(() => this.open.delete(delivery));
      this.open.add(delivery);
    }
  }

  /** Cancels waiting deliveries, and resolves when the running attempts have ended. */
  async close(): Promise<void> {
    this.stopped.abort();
    await Promise.all(this.open);
  }

  private async run(rule: RuleIdentity, target: Target, event: Event): Promise<void> {
    const { clock, faults } = this.options;
    const receivedMs = clock.nowMs();
    // Delivery never runs within the call that publishes the event.
    await Promise.resolve();
    if (faults !== undefined) await this.wait(faults.random() * faults.delayMsMax);
    let backoffMs = BACKOFF_MS.first;
    for (let attempt = 0; !this.stopped.signal.aborted; attempt++) {
      const failure = await this.attempt(rule, target, event, receivedMs);
      if (failure === undefined) return;
      const waitMs = backoffMs * (0.5 + (faults?.random ?? Math.random)() / 2);
      backoffMs = Math.min(backoffMs * 2, BACKOFF_MS.max);
      const exhausted =
        attempt >= target.retryAttemptsMax
          ? 'MaximumRetryAttempts'
          : clock.nowMs() + waitMs > receivedMs + target.eventAgeMsMax
            ? 'MaximumEventAgeInSeconds'
            : undefined;
      if (failure.retryable && exhausted === undefined) await this.wait(waitMs);
      else return this.giveUp({ rule, target, event, failure, attempt, exhausted });
    }
  }

  private async attempt(
    rule: RuleIdentity,
    target: Target,
    event: Event,
    receivedMs: number,
  ): Promise<DeliveryFailure | undefined> {
    const { deliver, faults } = this.options;
    if (faults !== undefined && faults.random() < faults.failures)
      return new DeliveryFailure('THROTTLING', 'Rate exceeded', true);
    let input: string;
    try {
      input = target.makeInput(event, rule, receivedMs);
    } catch (error) {
      return new DeliveryFailure('INVALID_JSON', (error as Error).message, false);
    }
    try {
      await deliver(target, input, event, rule);
      return undefined;
    } catch (error) {
      if (error instanceof DeliveryFailure) return error;
      throw error;
    }
  }

  private giveUp(end: {
    readonly rule: RuleIdentity;
    readonly target: Target;
    readonly event: Event;
    readonly failure: DeliveryFailure;
    readonly attempt: number;
    readonly exhausted: string | undefined;
  }): void {
    const { rule, target, event, failure, attempt, exhausted } = end;
    const what = `The event ${event.id} (${event['detail-type']}) of rule ${rule.name} did not reach ${target.arn} in ${attempt + 1} attempt(s): ${failure.code}, ${failure.message}`;
    const { deadLetterArn: queueArn } = target;
    if (queueArn === undefined) {
      this.options.onProblem(
        `${what}. The event is lost: the target has no dead-letter queue. Add a DeadLetterConfig to the target.`,
      );
      return;
    }
    try {
      this.options.deadLetter({
        queueArn,
        body: JSON.stringify(event),
        attributes: {
          RULE_ARN: rule.arn,
          TARGET_ARN: target.arn,
          ERROR_CODE: failure.code,
          ERROR_MESSAGE: failure.message,
          ...(failure.retryable && exhausted !== undefined ? { EXHAUSTED_RETRY_CONDITION: exhausted } : {}),
          RETRY_ATTEMPTS: String(attempt),
        },
      });
    } catch (error) {
      this.options.onProblem(`${what}. The event is lost: ${(error as Error).message}`);
    }
  }

  private wait(ms: number): Promise<void> {
    return this.options.clock.wait(ms, this.stopped.signal);
  }
}

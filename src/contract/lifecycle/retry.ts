/** Retry policies. Waits are in seconds, doubled with each attempt, with full jitter, which halves their mean. */
import type { RetryName } from './model';

export interface RetryPolicy {
  readonly firstDelaySeconds: number;
  readonly delaySecondsMax: number;
  /** Retries of errors that may pass, beyond the first attempt. */
  readonly attemptsMax: number;
  /**
   * The same for a function that died or hung. It may have done its work, so every handler is idempotent; and each attempt may
   * last as long as a function may run, so there are few.
   */
  readonly lostAttemptsMax: number;
  /** @default delaySecondsMax */
  readonly lostDelaySecondsMax?: number;
}

export const RETRIES: Readonly<Record<RetryName, RetryPolicy>> = {
  /** About four minutes of waiting on average, so that a failing stage is noticed while the operator watches. */
  stage: { firstDelaySeconds: 2, delaySecondsMax: 60, attemptsMax: 12, lostAttemptsMax: 8 },
  /** A chunk: about half an hour, to sit out a failover or a throttled Region; its siblings continue meanwhile. */
  item: { firstDelaySeconds: 2, delaySecondsMax: 120, attemptsMax: 36, lostAttemptsMax: 8 },
  /**
   * Under a fence of seconds: a failure that persists cancels the cutover, which is the better wait. All inner steps of a cutover
   * share these attempts.
   */
  fenced: { firstDelaySeconds: 1, delaySecondsMax: 2, attemptsMax: 6, lostAttemptsMax: 3 },
  /** While both ends may refuse writes: retried soon, and for some minutes. */
  cutover: { firstDelaySeconds: 1, delaySecondsMax: 10, attemptsMax: 36, lostAttemptsMax: 8 },
  /** A gate that is entered again and again: two minutes, to sit out a failover. */
  poll: { firstDelaySeconds: 5, delaySecondsMax: 60, attemptsMax: 6, lostAttemptsMax: 4 },
  /**
   * An applier: retried for as long as its siblings may run, because the next round waits for all of them. Its partitions lag
   * meanwhile, so the delays are short. They are shortest after it died, because no database is overloaded then.
   */
  applier: {
    firstDelaySeconds: 1,
    delaySecondsMax: 30,
    attemptsMax: 60,
    lostAttemptsMax: 24,
    lostDelaySecondsMax: 5,
  },
  /** A round of Sync: hours, because no operator starts it again. */
  sync: { firstDelaySeconds: 1, delaySecondsMax: 60, attemptsMax: 360, lostAttemptsMax: 60 },
  /** Abort: hours, because it has to finish, and no operator may be there to start it again. */
  abort: { firstDelaySeconds: 1, delaySecondsMax: 60, attemptsMax: 360, lostAttemptsMax: 8 },
  /** Starting an execution: about eight minutes of throttling. */
  start: { firstDelaySeconds: 1, delaySecondsMax: 60, attemptsMax: 20, lostAttemptsMax: 0 },
  /** Sync that renews itself: hours, because no operator starts it again. */
  renew: { firstDelaySeconds: 1, delaySecondsMax: 60, attemptsMax: 360, lostAttemptsMax: 0 },
};

/** Attempts beyond the first that a policy allows in all. */
export const retriesMax = (name: RetryName): number => {
  const { attemptsMax, lostAttemptsMax } = RETRIES[name];
  return attemptsMax + lostAttemptsMax;
};

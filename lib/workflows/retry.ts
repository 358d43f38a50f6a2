/** Retry policies of the lifecycle, as states have them. */
import { Duration } from 'aws-cdk-lib';
import type { RetryProps } from 'aws-cdk-lib/aws-stepfunctions';
import { Errors, JitterType } from 'aws-cdk-lib/aws-stepfunctions';
import { LOST_RESPONSE_ERRORS, TRANSIENT_ERRORS } from '../../src/contract/errors';
import type { RetryName } from '../../src/contract/lifecycle';
import { RETRIES } from '../../src/contract/lifecycle/retry';

/** For a task that invokes a function. A function's decision is never retried. */
export function invocationRetries(name: RetryName): readonly RetryProps[] {
  const policy = RETRIES[name];
  return [
    paced(name, TRANSIENT_ERRORS, policy.attemptsMax, policy.delaySecondsMax),
    paced(
      name,
      LOST_RESPONSE_ERRORS,
      policy.lostAttemptsMax,
      policy.lostDelaySecondsMax ?? policy.delaySecondsMax,
    ),
  ];
}

/** For a task that starts an execution: every error, since those of its throttles are not documented. */
export const startRetry = (name: RetryName): RetryProps =>
  paced(name, [Errors.TASKS_FAILED], RETRIES[name].attemptsMax, RETRIES[name].delaySecondsMax);

/** Full jitter halves the mean delay; without it, items that one event stopped would return together. */
const paced = (
  name: RetryName,
  errors: readonly string[],
  maxAttempts: number,
  delaySecondsMax: number,
): RetryProps => ({
  errors: [...errors],
  maxAttempts,
  interval: Duration.seconds(RETRIES[name].firstDelaySeconds),
  backoffRate: 2,
  maxDelay: Duration.seconds(delaySecondsMax),
  jitterStrategy: JitterType.FULL,
});

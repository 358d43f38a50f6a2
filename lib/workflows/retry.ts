/** Retry policies of the lifecycle as Step Functions retriers. */
import { Duration } from 'aws-cdk-lib';
import type { RetryProps } from 'aws-cdk-lib/aws-stepfunctions';
import { Errors, JitterType } from 'aws-cdk-lib/aws-stepfunctions';
import { LOST_RESPONSE_ERRORS, TRANSIENT_ERRORS } from '../../src/contract/errors';
import type { RetryName } from '../../src/contract/lifecycle';
import { RETRIES } from '../../src/contract/lifecycle/retry';

/** Retriers of a task that invokes a function. Errors that are a function's decision are never retried. */
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

/** Retriers of a task that starts an execution: every error, because AWS does not document its throttling errors. */
export const startRetry = (name: RetryName): RetryProps =>
  paced(name, [Errors.TASKS_FAILED], RETRIES[name].attemptsMax, RETRIES[name].delaySecondsMax);

/** Full jitter halves the mean delay; without it, items that failed together would retry together. */
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

import { Duration } from 'aws-cdk-lib';
import type { RetryProps } from 'aws-cdk-lib/aws-stepfunctions';
import { Errors, JitterType } from 'aws-cdk-lib/aws-stepfunctions';
import { ERRORS } from '../../src/contract/errors';

/** What may go away by itself. Everything else is a decision of a handler and leads to the Catch at once. */
export const PASSING_ERRORS = [
  ERRORS.transient,
  'Lambda.ServiceException',
  'Lambda.AWSLambdaException',
  'Lambda.SdkClientException',
  'Lambda.ClientExecutionTimeoutException',
  'Lambda.TooManyRequestsException',
];

/**
 * The faces of a function that died or hung. It may have done its work, so every handler is idempotent; and each attempt
 * may last as long as a function may run, so there are few.
 */
export const LOST_ANSWERS = ['Lambda.Unknown', 'Runtime.ExitError', 'Sandbox.Timedout', Errors.TIMEOUT];
const LOST_ANSWERS_MAX = 8;

interface LostAnswers {
  readonly attemptsMax: number;
  /** @default as of the other errors */
  readonly delaySecondsMax?: number;
}

/** Full jitter halves the mean delay; without it, items that one event stopped would return together. */
function retry(
  firstDelaySeconds: number,
  delaySecondsMax: number,
  attemptsMax: number,
  lost: LostAnswers = { attemptsMax: LOST_ANSWERS_MAX },
): readonly RetryProps[] {
  const paced = (errors: string[], maxAttempts: number, maxSeconds: number): RetryProps => ({
    errors,
    maxAttempts,
    interval: Duration.seconds(firstDelaySeconds),
    backoffRate: 2,
    maxDelay: Duration.seconds(maxSeconds),
    jitterStrategy: JitterType.FULL,
  });
  return [
    paced(PASSING_ERRORS, attemptsMax, delaySecondsMax),
    paced(LOST_ANSWERS, lost.attemptsMax, lost.delaySecondsMax ?? delaySecondsMax),
  ];
}

/** A stage: about four minutes of waiting on average, so that a failing stage is noticed while someone watches. */
export const STAGE_RETRY = retry(2, 60, 12);

/** A chunk: about half an hour, to sit out a failover or a throttled Region; its siblings go on meanwhile. */
export const ITEM_RETRY = retry(2, 120, 36);

/**
 * Behind a fence that lasts seconds: what does not pass at once leads to the cancellation of the fence, which is the better
 * wait.
 */
export const FENCED_RETRY = retry(1, 2, 3, { attemptsMax: 3 });

/** From the seal to the open target, or to the cancelled fence, nobody may write: asked again soon, and for some minutes. */
export const FLIP_RETRY = retry(1, 10, 36);

/** Asking whether sync has caught up: two minutes, to sit out a failover. Each round counts; see the live way. */
export const CATCH_UP_RETRY = retry(5, 60, 6, { attemptsMax: 4 });

/**
 * An applier: as long as its siblings may run, since the next round waits for all. Its lag is at stake, so it waits less, and
 * least where it died, for then nothing else is overloaded.
 */
export const APPLIER_RETRY = retry(1, 30, 60, { attemptsMax: 24, delaySecondsMax: 5 });

/** A round of sync: hours, for nobody starts it again. */
export const SYNC_RETRY = retry(1, 60, 360, { attemptsMax: 60 });

/** Abort: hours, for it must come to its end, and nobody may be there to start it again. */
export const ABORT_RETRY = retry(1, 60, 360);

import { Errors } from 'aws-cdk-lib/aws-stepfunctions';

/** States.ALL does not cover a result that is too large. */
export const EVERY_ERROR: readonly (readonly string[])[] = [['States.DataLimitExceeded'], [Errors.ALL]];

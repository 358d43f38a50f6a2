import { Errors } from 'aws-cdk-lib/aws-stepfunctions';

/** States.ALL does not match States.DataLimitExceeded. */
export const EVERY_ERROR: readonly (readonly string[])[] = [['States.DataLimitExceeded'], [Errors.ALL]];

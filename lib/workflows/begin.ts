import { JsonPath } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import { HandlerTask } from './handler-task';
import { STAGE_RETRY } from './retry';
import type { StageProps } from './stage';

/** Claims the migration for this execution and turns the input into the run. */
export const begin = (scope: Construct, props: StageProps): HandlerTask =>
  props.failure.catchFrom(
    new HandlerTask(scope, 'Begin', {
      handler: props.handler,
      payload: {
        migration: JsonPath.stringAt('$.migration'),
        execution: JsonPath.stringAt('$$.Execution.Id'),
      },
      retry: STAGE_RETRY,
      outputPath: '$.Payload',
    }),
  );

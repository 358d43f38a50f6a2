import { JsonPath } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import type { SluiceFunction } from '../constructs/sluice-function';
import type { Failure } from './failure';
import { HandlerTask } from './handler-task';
import { STAGE_RETRY } from './retry';

export interface StageProps {
  readonly handler: SluiceFunction;
  readonly failure: Failure;
}

/** The contract's `Run`, read from the state. */
export const runPayload = (): Record<string, unknown> => ({
  migration: JsonPath.stringAt('$.migration'),
  generation: JsonPath.numberAt('$.generation'),
  execution: JsonPath.stringAt('$.execution'),
});

/** A stage whose function takes the run and returns it; between such stages the state is the run and nothing else. */
export const stage = (scope: Construct, id: string, props: StageProps): HandlerTask =>
  props.failure.catchFrom(
    new HandlerTask(scope, id, {
      handler: props.handler,
      payload: runPayload(),
      retry: STAGE_RETRY,
      outputPath: '$.Payload',
    }),
  );

import type { RetryProps } from 'aws-cdk-lib/aws-stepfunctions';
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
  direction: JsonPath.stringAt('$.direction'),
  execution: JsonPath.stringAt('$.execution'),
  shape: JsonPath.stringAt('$.shape'),
});

export interface StageOptions extends StageProps {
  /** @default STAGE_RETRY */
  readonly retry?: readonly RetryProps[];
  /** Whether the state goes on as it was, instead of as the run alone. @default false */
  readonly keepsState?: boolean;
  /** Adds what some errors lead to, other than the failure. @default none */
  readonly catching?: (task: HandlerTask) => void;
}

/** A stage whose function takes the run and returns it; between such stages the state is the run and nothing else. */
export function stage(scope: Construct, id: string, options: StageOptions): HandlerTask {
  const task = new HandlerTask(scope, id, {
    handler: options.handler,
    payload: runPayload(),
    retry: options.retry ?? STAGE_RETRY,
    ...(options.keepsState ? { resultPath: JsonPath.DISCARD } : { outputPath: '$.Payload' }),
  });
  options.catching?.(task);
  return options.failure.catchFrom(task);
}

import { Duration } from 'aws-cdk-lib';
import type { IStateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Errors, JitterType, JsonPath, TaskInput } from 'aws-cdk-lib/aws-stepfunctions';
import { StepFunctionsStartExecution } from 'aws-cdk-lib/aws-stepfunctions-tasks';
import type { Construct } from 'constructs';

export interface StartSyncProps {
  readonly syncMachine: IStateMachine;
  /** Path to the ARN of the execution of `Sync` that ends for the new one, or to null. */
  readonly replacesPath: string;
  /** How often a start that fails is tried again: throttles, mostly. */
  readonly retriesMax: number;
}

/**
 * Starts an execution of `Sync` and does not wait for its end. It gets no name: one that is started twice, because the answer
 * was lost, claims its role in the ledger and finds it taken.
 */
export function startSync(scope: Construct, id: string, props: StartSyncProps): StepFunctionsStartExecution {
  const task = new StepFunctionsStartExecution(scope, id, {
    stateMachine: props.syncMachine,
    input: TaskInput.fromObject({
      migration: JsonPath.stringAt('$.migration'),
      generation: JsonPath.numberAt('$.generation'),
      direction: JsonPath.stringAt('$.direction'),
      replaces: JsonPath.stringAt(props.replacesPath),
    }),
    resultPath: JsonPath.DISCARD,
  });
  // The names of its throttles are not documented.
  task.addRetry({
    errors: [Errors.TASKS_FAILED],
    interval: Duration.seconds(1),
    backoffRate: 2,
    maxDelay: Duration.seconds(60),
    maxAttempts: props.retriesMax,
    jitterStrategy: JitterType.FULL,
  });
  return task;
}

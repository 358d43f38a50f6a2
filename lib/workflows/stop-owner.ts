import { Duration } from 'aws-cdk-lib';
import type { IChainable, INextable, State } from 'aws-cdk-lib/aws-stepfunctions';
import {
  Choice,
  Condition,
  Errors,
  JitterType,
  JsonPath,
  StateMachineFragment,
} from 'aws-cdk-lib/aws-stepfunctions';
import { CallAwsService } from 'aws-cdk-lib/aws-stepfunctions-tasks';
import type { Construct } from 'constructs';
import { executionsArn } from '../grants';

export interface StopOwnerProps {
  readonly environmentName: string;
  /** Where the way goes on, stopped or not. */
  readonly next: IChainable;
}

/**
 * Stops the execution that owns the migration, if one does. Its workers are fenced already, so a stop that fails
 * (closed or gone meanwhile, throttled) must not hold up the abort.
 */
export class StopOwner extends StateMachineFragment {
  readonly startState: State;
  readonly endStates: INextable[] = [];

  constructor(scope: Construct, id: string, props: StopOwnerProps) {
    super(scope, id);
    const stop = new CallAwsService(this, 'StopOwner', {
      service: 'sfn',
      action: 'stopExecution',
      parameters: {
        ExecutionArn: JsonPath.stringAt('$.owner'),
        Error: 'Aborted',
        Cause: JsonPath.stringAt('$.reason'),
      },
      iamAction: 'states:StopExecution',
      iamResources: [executionsArn(this, props.environmentName, 'Migration')],
      resultPath: JsonPath.DISCARD,
    });
    stop.addRetry({ errors: ['Sfn.ExecutionDoesNotExistException'], maxAttempts: 0 });
    stop.addRetry({
      errors: [Errors.TASKS_FAILED],
      interval: Duration.seconds(1),
      maxAttempts: 2,
      maxDelay: Duration.seconds(2),
      jitterStrategy: JitterType.FULL,
    });
    stop.addCatch(props.next, { resultPath: JsonPath.DISCARD });
    stop.next(props.next);
    this.startState = new Choice(this, 'OwnerFound')
      .when(Condition.isString('$.owner'), stop)
      .otherwise(props.next);
  }
}

import { Duration } from 'aws-cdk-lib';
import type { INextable, State } from 'aws-cdk-lib/aws-stepfunctions';
import {
  Choice,
  Condition,
  Errors,
  JitterType,
  JsonPath,
  Pass,
  StateMachineFragment,
} from 'aws-cdk-lib/aws-stepfunctions';
import { CallAwsService } from 'aws-cdk-lib/aws-stepfunctions-tasks';
import type { Construct } from 'constructs';
import { migrationExecutionsArn } from '../grants';

export interface StopOwnerProps {
  readonly environmentName: string;
}

/**
 * Stops the execution that owns the migration, if one does. Its workers are fenced already, so a stop that fails
 * (closed or gone meanwhile, throttled) must not hold up the abort.
 */
export class StopOwner extends StateMachineFragment {
  readonly startState: State;
  readonly endStates: INextable[];

  constructor(scope: Construct, id: string, props: StopOwnerProps) {
    super(scope, id);
    const stopped = new Pass(this, 'OwnerSettled');
    const stop = new CallAwsService(this, 'StopOwner', {
      service: 'sfn',
      action: 'stopExecution',
      parameters: {
        ExecutionArn: JsonPath.stringAt('$.owner'),
        Error: 'Aborted',
        Cause: JsonPath.stringAt('$.reason'),
      },
      iamAction: 'states:StopExecution',
      iamResources: [migrationExecutionsArn(this, props.environmentName)],
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
    stop.addCatch(stopped, { resultPath: JsonPath.DISCARD });
    stop.next(stopped);
    this.startState = new Choice(this, 'OwnerFound')
      .when(Condition.isString('$.owner'), stop)
      .otherwise(stopped);
    this.endStates = [stopped];
  }
}

import { Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { JsonPath, TaskInput, type IStateMachineRef } from 'aws-cdk-lib/aws-stepfunctions';
import { StepFunctionsStartExecution } from 'aws-cdk-lib/aws-stepfunctions-tasks';
import { Construct } from 'constructs';
import type { Started } from './parts';

/** Condition key that holds the version in the ARN of a request; it is absent if the ARN names none. */
const QUALIFIER = 'states:StateMachineQualifier';

export interface StartTaskProps {
  readonly started: Started;
  readonly input: Record<string, unknown>;
}

/** A Task that starts an execution of one version of a machine, with permission for published versions of that machine only. */
export class StartTask extends StepFunctionsStartExecution {
  /** AWS authorizes the start of a version by the machine's ARN and the qualifier. */
  protected override readonly taskPolicies: PolicyStatement[];

  constructor(scope: Construct, id: string, { started, input }: StartTaskProps) {
    super(scope, id, {
      stateMachine: new StartedVersion(scope, `${id}Version`, started.versionArn),
      input: TaskInput.fromObject(input),
      resultPath: JsonPath.DISCARD,
    });
    this.taskPolicies = [
      new PolicyStatement({
        actions: ['states:StartExecution'],
        resources: [started.machineArn],
        conditions: { Null: { [QUALIFIER]: 'false' } },
      }),
    ];
  }
}

/** The ARN may be a path, which the CDK's imported machine would try to parse. */
class StartedVersion extends Construct implements IStateMachineRef {
  readonly stateMachineRef: { readonly stateMachineArn: string };
  readonly env: { readonly account: string; readonly region: string };

  constructor(scope: Construct, id: string, stateMachineArn: string) {
    super(scope, id);
    const { account, region } = Stack.of(this);
    this.env = { account, region };
    this.stateMachineRef = { stateMachineArn };
  }
}

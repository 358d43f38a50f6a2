import { Duration } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { RetryProps } from 'aws-cdk-lib/aws-stepfunctions';
import { TaskInput, Timeout } from 'aws-cdk-lib/aws-stepfunctions';
import { LambdaInvoke } from 'aws-cdk-lib/aws-stepfunctions-tasks';
import type { Construct } from 'constructs';
import type { Invoked } from './parts';

/** Time beyond the function's own limit after which its response counts as lost. */
const LOST_RESPONSE_MARGIN_SECONDS = 60;

export interface HandlerTaskProps {
  readonly handler: Invoked;
  /** ARN pattern of the function's versions. */
  readonly versionsArn: string;
  readonly payload: Record<string, unknown>;
  readonly retry: readonly RetryProps[];
  /** @default the result replaces the state */
  readonly resultPath?: string;
  /** @default the whole state is passed on */
  readonly outputPath?: string;
}

/**
 * A Task that invokes this deployment's version of one function. It may invoke every version of that function, because all
 * versions of a machine share one role, and executions of earlier ones may be running. The unpublished code is out of reach.
 */
export class HandlerTask extends LambdaInvoke {
  protected override readonly taskPolicies: PolicyStatement[];

  constructor(scope: Construct, id: string, props: HandlerTaskProps) {
    const { handler, versionsArn, payload, retry, ...paths } = props;
    super(scope, id, {
      ...paths,
      lambdaFunction: handler.version,
      payload: TaskInput.fromObject(payload),
      taskTimeout: Timeout.duration(
        Duration.seconds(handler.timeout.toSeconds() + LOST_RESPONSE_MARGIN_SECONDS),
      ),
      retryOnServiceExceptions: false,
    });
    this.taskPolicies = [
      new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [versionsArn] }),
    ];
    for (const retrier of retry) this.addRetry(retrier);
  }
}

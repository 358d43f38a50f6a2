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
  readonly payload: Record<string, unknown>;
  readonly retry: readonly RetryProps[];
  /** @default the result replaces the state */
  readonly resultPath?: string;
  /** @default the whole state is passed on */
  readonly outputPath?: string;
}

/** A Task that invokes one function with the given retry policy and with permission for that function only. */
export class HandlerTask extends LambdaInvoke {
  /** LambdaInvoke would also grant every version and alias (`<arn>:*`); none exist. */
  protected override readonly taskPolicies: PolicyStatement[];

  constructor(scope: Construct, id: string, props: HandlerTaskProps) {
    const { handler, payload, retry, ...paths } = props;
    super(scope, id, {
      ...paths,
      lambdaFunction: handler.handler,
      payload: TaskInput.fromObject(payload),
      taskTimeout: Timeout.duration(
        Duration.seconds(handler.timeout.toSeconds() + LOST_RESPONSE_MARGIN_SECONDS),
      ),
      retryOnServiceExceptions: false,
    });
    this.taskPolicies = [
      new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [handler.handler.functionArn] }),
    ];
    for (const retrier of retry) this.addRetry(retrier);
  }
}

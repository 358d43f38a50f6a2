import { Duration, RemovalPolicy, Validations } from 'aws-cdk-lib';
import type { Metric, MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import type { IGrantable, IPrincipal } from 'aws-cdk-lib/aws-iam';
import { Grant, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Code } from 'aws-cdk-lib/aws-lambda';
import {
  Architecture,
  Function as LambdaFunction,
  Runtime,
  Tracing,
  type IFunction,
} from 'aws-cdk-lib/aws-lambda';
import type { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { FunctionName, FunctionRow, MachineName } from '../../src/contract/lifecycle';
import { functionName } from '../../src/contract/names';
import { METRIC_NAMESPACE, METRIC_SERVICE } from '../../src/contract/metrics';
import { VARIABLES } from '../../src/contract/variables';
import { acknowledgeExecutionsPattern, executionsArn } from '../grants';
import type { ControlTable } from './control-table';
import { KEPT_VERSIONS } from './kept-versions';

export interface SluiceFunctionProps {
  readonly environmentName: string;
  /** The row's name is also the name of the bundle's export. */
  readonly row: FunctionRow & { readonly name: FunctionName };
  readonly code: Code;
  readonly controlTable: ControlTable;
  readonly logRetention: RetentionDays;
}

/**
 * One deployed function with its own role and log group, which its versions share. It may use the control table; all else must be
 * granted.
 */
export class SluiceFunction extends Construct implements IGrantable {
  readonly handler: LambdaFunction;
  readonly grantPrincipal: IPrincipal;
  /** How long an invocation may take before Lambda ends it. */
  readonly timeout: Duration;
  private readonly environmentName: string;

  constructor(scope: Construct, id: string, props: SluiceFunctionProps) {
    super(scope, id);
    const { name, size } = props.row;
    const deployedName = functionName(props.environmentName, name);
    const logGroup = new LogGroup(this, 'Logs', {
      logGroupName: `/aws/lambda/${deployedName}`,
      retention: props.logRetention,
      // The journal in the control table is the record, so logs may be deleted with their function.
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    logGroup.grantWrite(role);
    props.controlTable.grantItems(role);

    this.environmentName = props.environmentName;
    this.grantPrincipal = role;
    this.timeout = Duration.seconds(size.timeoutSeconds);
    this.handler = new LambdaFunction(this, 'Function', {
      functionName: deployedName,
      code: props.code,
      handler: `index.${name}`,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      memorySize: size.memoryMegabytes,
      timeout: this.timeout,
      role,
      logGroup,
      tracing: Tracing.ACTIVE,
      environment: variables(props),
      currentVersionOptions: { removalPolicy: KEPT_VERSIONS },
    });
    Validations.of(role).acknowledge({
      id: 'AwsSolutions-IAM5[Resource::*]',
      reason:
        'X-Ray has no resource to name: xray:PutTraceSegments and xray:PutTelemetryRecords take * only.',
    });
  }

  /** The version that this deployment publishes, unless nothing that a version contains has changed. */
  get version(): IFunction {
    // CDK declares the role of a version more loosely than that of a function.
    return this.handler.currentVersion as IFunction;
  }

  /** Grants reading the status of a machine's executions. */
  grantDescribeExecutions(machine: MachineName): Grant {
    return this.grantExecutions('states:DescribeExecution', machine);
  }

  /** Grants stopping a machine's executions. */
  grantStopExecutions(machine: MachineName): Grant {
    return this.grantExecutions('states:StopExecution', machine);
  }

  /** Invocations that ended in an error, whether the handler's or Lambda's. */
  metricErrors(options?: MetricOptions): Metric {
    return this.handler.metricErrors(options);
  }

  /** Invocations that were throttled. */
  metricThrottles(options?: MetricOptions): Metric {
    return this.handler.metricThrottles(options);
  }

  private grantExecutions(action: string, machine: MachineName): Grant {
    acknowledgeExecutionsPattern(this, this.environmentName, machine);
    const resourceArns = [executionsArn(this, this.environmentName, machine)];
    return Grant.addToPrincipal({ grantee: this, actions: [action], resourceArns });
  }
}

const variables = ({ environmentName, controlTable }: SluiceFunctionProps): Record<string, string> => ({
  [VARIABLES.environment]: environmentName,
  [VARIABLES.controlTable]: controlTable.tableName,
  POWERTOOLS_SERVICE_NAME: METRIC_SERVICE,
  POWERTOOLS_METRICS_NAMESPACE: METRIC_NAMESPACE,
});

import { RemovalPolicy, Validations } from 'aws-cdk-lib';
import type { Duration } from 'aws-cdk-lib';
import type { Metric, MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import type { Grant, IGrantable } from 'aws-cdk-lib/aws-iam';
import type { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { IChainable } from 'aws-cdk-lib/aws-stepfunctions';
import { DefinitionBody, LogLevel, StateMachine, StateMachineType } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import type { StateMachineName } from '../../src/contract/names';
import { stateMachineName } from '../../src/contract/names';

export interface StandardMachineProps {
  readonly environmentName: string;
  readonly name: StateMachineName;
  /** Builds the states below the given scope. */
  readonly definition: (scope: Construct) => IChainable;
  /** Life of an execution, after which Step Functions ends it. */
  readonly timeout: Duration;
  readonly logRetention: RetentionDays;
}

/** A Standard state machine with what all of Sluice's have in common: its name, errors in a log group, tracing. */
export class StandardMachine extends Construct {
  readonly machine: StateMachine;

  constructor(scope: Construct, id: string, props: StandardMachineProps) {
    super(scope, id);
    const deployedName = stateMachineName(props.environmentName, props.name);
    const logGroup = new LogGroup(this, 'Logs', {
      // Under this prefix a log group needs no resource policy of its own; accounts may have ten only.
      logGroupName: `/aws/vendedlogs/states/${deployedName}`,
      retention: props.logRetention,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.machine = new StateMachine(this, 'Machine', {
      stateMachineName: deployedName,
      stateMachineType: StateMachineType.STANDARD,
      definitionBody: DefinitionBody.fromChainable(props.definition(this)),
      timeout: props.timeout,
      tracingEnabled: true,
      logs: { destination: logGroup, level: LogLevel.ERROR, includeExecutionData: false },
    });
    this.acknowledgeFindings();
  }

  /** Permits to start executions. */
  grantStart(grantee: IGrantable): Grant {
    return this.machine.grantStartExecution(grantee);
  }

  /** Executions that ended in an error. */
  metricFailed(options?: MetricOptions): Metric {
    return this.machine.metricFailed(options);
  }

  /** Executions that outlived the machine's timeout. */
  metricTimedOut(options?: MetricOptions): Metric {
    return this.machine.metricTimedOut(options);
  }

  private acknowledgeFindings(): void {
    Validations.of(this.machine).acknowledge(
      {
        id: 'AwsSolutions-SF1',
        reason:
          'Each chunk of a map is an execution that would log its every event; the ledger and its journal record them, and errors are logged.',
      },
      {
        id: 'AwsSolutions-IAM5[Resource::*]',
        reason:
          'The delivery of logs (logs:*LogDelivery*, logs:*ResourcePolicies, logs:DescribeLogGroups) and X-Ray have no resource to name.',
      },
    );
  }
}

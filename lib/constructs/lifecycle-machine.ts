import { Arn, ArnFormat, Duration, Lazy, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import type { Metric, MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import type { Grant, IGrantable } from 'aws-cdk-lib/aws-iam';
import type { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { State } from 'aws-cdk-lib/aws-stepfunctions';
import {
  CfnStateMachineVersion,
  DefinitionBody,
  JsonPath,
  LogLevel,
  StateMachine,
  StateMachineType,
  type CfnStateMachine,
} from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { createHash } from 'node:crypto';
import { flatSteps, isInvoking, type MachineName, type Step } from '../../src/contract/lifecycle';
import { stateNameOf } from '../../src/contract/lifecycle/state-names';
import { stateMachineName } from '../../src/contract/names';
import { acknowledgeExecutionsPattern, acknowledgeVersionsPattern, machineArn } from '../grants';
import { compile } from '../workflows/compile';
import type { MachineTable, Parts, Started } from '../workflows/parts';
import { KEPT_VERSIONS } from './kept-versions';

export interface LifecycleMachineProps {
  readonly environmentName: string;
  readonly table: MachineTable;
  readonly functions: Parts['functions'];
  /** Code version of the deployment; describes the version that it publishes. */
  readonly code: string;
  /** Other machines that this one may start. @default none but itself */
  readonly starts?: Readonly<Partial<Record<MachineName, LifecycleMachine>>>;
  readonly logRetention: RetentionDays;
}

/**
 * A Standard state machine compiled from its table, with tracing and an error log, and its published version. Starting it twice is
 * harmless.
 */
export class LifecycleMachine extends Construct {
  readonly machine: StateMachine;
  /** The version that this deployment publishes; its executions use the function versions of the same deployment. */
  readonly version: CfnStateMachineVersion;
  private readonly props: LifecycleMachineProps;

  constructor(scope: Construct, id: string, props: LifecycleMachineProps) {
    super(scope, id);
    this.props = props;
    const { environmentName, table } = props;
    const deployedName = stateMachineName(environmentName, table.name);
    const logGroup = new LogGroup(this, 'Logs', {
      // A log group with this prefix needs no resource policy; an account may have only ten.
      logGroupName: `/aws/vendedlogs/states/${deployedName}`,
      retention: props.logRetention,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.machine = new StateMachine(this, 'Machine', {
      stateMachineName: deployedName,
      stateMachineType: StateMachineType.STANDARD,
      definitionBody: DefinitionBody.fromChainable(this.firstState()),
      // A revision can be published once, so each code version needs a revision of its own.
      comment: `Code version ${props.code}`,
      timeout: Duration.seconds(table.timeoutSeconds),
      tracingEnabled: true,
      logs: { destination: logGroup, level: LogLevel.ERROR, includeExecutionData: false },
    });
    this.version = this.publish();
    this.acknowledgeFindings();
    this.acknowledgeMaps();
    for (const { step } of namedSteps(table))
      if (step.kind === 'stop') acknowledgeExecutionsPattern(this, environmentName, step.machine);
    for (const name of invokedIn(table)) acknowledgeVersionsPattern(this.machine, environmentName, name);
  }

  /** ARN of the published version. */
  get versionArn(): string {
    return this.version.ref;
  }

  /** Grants starting executions. */
  grantStart(grantee: IGrantable): Grant {
    return this.machine.grantStartExecution(grantee);
  }

  /** Executions that ended in an error. */
  metricFailed(options?: MetricOptions): Metric {
    return this.machine.metricFailed(options);
  }

  /** Executions that exceeded the machine's timeout. */
  metricTimedOut(options?: MetricOptions): Metric {
    return this.machine.metricTimedOut(options);
  }

  private firstState(): State {
    const { environmentName, code, functions, table } = this.props;
    // States get a separate scope, because their names are construct ids.
    const states = new Construct(this, 'States');
    return compile(
      states,
      { environmentName, code, functions, machine: (name) => this.started(name) },
      table,
    );
  }

  private started(name: MachineName): Started {
    const { environmentName, table, starts = {} } = this.props;
    // A version cannot contain its own ARN, so an execution finds it in its input.
    if (name === table.name)
      return {
        machineArn: machineArn(this, environmentName, name),
        versionArn: JsonPath.stringAt('$.syncMachine'),
      };
    const other = starts[name];
    if (!other)
      throw new Error(`${table.name} starts ${name}, which was not passed. Pass ${name} in starts.`);
    return { machineArn: machineArn(this, environmentName, name), versionArn: other.versionArn };
  }

  /** Publishes a version whenever something that a version contains has changed: only a new logical id makes CloudFormation do so. */
  private publish(): CfnStateMachineVersion {
    const { stateMachineArn, stateMachineRevisionId, node } = this.machine;
    const version = new CfnStateMachineVersion(this, 'Version', {
      ...{ stateMachineArn, stateMachineRevisionId },
      description: this.props.code,
    });
    version.applyRemovalPolicy(KEPT_VERSIONS);
    const stack = Stack.of(this);
    const prefix = stack.resolve(version.logicalId) as string;
    const { definitionString, roleArn, loggingConfiguration, tracingConfiguration } =
      node.defaultChild as CfnStateMachine;
    const content = [definitionString, roleArn, loggingConfiguration, tracingConfiguration];
    version.overrideLogicalId(
      Lazy.uncachedString({ produce: () => `${prefix}${hashOf(stack.resolve(content))}` }),
    );
    return version;
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

  /** cdk-nag names a finding by the resolved ARN, whereas a map's policy refers to its machine as CDK writes it. */
  private acknowledgeMaps(): void {
    const labels = namedSteps(this.props.table)
      .filter(({ step }) => step.kind === 'map' && step.mode === 'distributed')
      .map(({ name }) => `/${name}:*`);
    if (labels.length === 0) return;
    const stack = Stack.of(this);
    const { resourceName } = Arn.split(this.machine.stateMachineArn, ArnFormat.COLON_RESOURCE_NAME);
    const executions = stack.formatArn({
      service: 'states',
      resource: 'execution',
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
      resourceName: JSON.stringify(stack.resolve(resourceName)),
    });
    Validations.of(this.machine).acknowledge(
      ...[':*', ...labels].map((suffix) => ({
        id: `AwsSolutions-IAM5[Resource::${executions}${suffix}]`,
        reason:
          'A map starts, watches, stops and redrives the executions of its own machine; it names them itself.',
      })),
    );
  }
}

const hashOf = (content: unknown): string =>
  createHash('sha256').update(JSON.stringify(content)).digest('hex').slice(0, 16);

/** Names of the functions that a machine invokes. */
const invokedIn = (table: MachineTable): readonly string[] => {
  const steps = flatSteps(namedSteps(table).map(({ step }) => step)).filter(isInvoking);
  const all = table.onFailure ? [...steps, table.onFailure] : steps;
  return [...new Set(all.map((step) => step.function.name))];
};

/** Steps of a machine, of every shape, with the names of their states. */
const namedSteps = (table: MachineTable): readonly { readonly step: Step; readonly name: string }[] =>
  'steps' in table
    ? table.steps.map((step) => ({ step, name: stateNameOf(step, null) }))
    : Object.entries(table.shapes).flatMap(([shape, { steps }]) =>
        steps.map((step) => ({ step, name: stateNameOf(step, shape, table.shapes) })),
      );

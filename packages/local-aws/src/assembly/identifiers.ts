/** Return values of `Ref` and `Fn::GetAtt` for each resource type, from local physical names. */
import type { TemplateResource } from './manifest';

export interface Scope {
  readonly stackName: string;
  readonly partition: string;
  readonly region: string;
  readonly account: string;
}

interface Identity {
  /** Property that may name the resource. */
  readonly nameProperty?: string;
  /** A generated name keeps this many characters from its end, where logical ids differ. */
  readonly nameLengthMax?: number;
  /** Return value of `Ref`, from the physical name. */
  readonly ref: (name: string, scope: Scope) => string;
  readonly attributes?: Readonly<Record<string, (name: string, scope: Scope) => string>>;
}

const regional =
  (service: string, prefix: string, suffix = '') =>
  (name: string, { partition, region, account }: Scope): string =>
    `arn:${partition}:${service}:${region}:${account}:${prefix}${name}${suffix}`;
const roleArn = (name: string, { partition, account }: Scope): string =>
  `arn:${partition}:iam::${account}:role/${name}`;
const plain = (name: string): string => name;

const table: Identity = {
  nameProperty: 'TableName',
  ref: plain,
  attributes: { Arn: regional('dynamodb', 'table/') },
};
/** Not an address of AWS: a client without `AWS_ENDPOINT_URL_SQS` must not reach a real queue. */
const queueUrl = (name: string, { account }: Scope): string => `http://sqs.invalid/${account}/${name}`;

/** Names of versions and aliases are `<name>:<qualifier>`. */
const functionQualifier = regional('lambda', 'function:');
const machineQualifier: Identity = {
  ref: regional('states', 'stateMachine:'),
  attributes: { Arn: regional('states', 'stateMachine:') },
};

const alarm: Identity = {
  nameProperty: 'AlarmName',
  ref: plain,
  attributes: { Arn: regional('cloudwatch', 'alarm:') },
};

/** Types that the engine runs. */
export const RUNNABLE: Readonly<Record<string, Identity>> = {
  'AWS::Lambda::Function': {
    nameProperty: 'FunctionName',
    ref: plain,
    attributes: { Arn: regional('lambda', 'function:') },
  },
  'AWS::Lambda::Version': {
    ref: functionQualifier,
    attributes: { FunctionArn: functionQualifier, Version: (name) => name.split(':')[1] ?? '' },
  },
  'AWS::Lambda::Alias': { ref: functionQualifier, attributes: { AliasArn: functionQualifier } },
  'AWS::StepFunctions::StateMachineVersion': machineQualifier,
  'AWS::StepFunctions::StateMachineAlias': machineQualifier,
  'AWS::DynamoDB::Table': table,
  'AWS::DynamoDB::GlobalTable': table,
  'AWS::StepFunctions::StateMachine': {
    nameProperty: 'StateMachineName',
    ref: regional('states', 'stateMachine:'),
    attributes: { Arn: regional('states', 'stateMachine:'), Name: plain },
  },
  'AWS::CloudWatch::Alarm': alarm,
  'AWS::CloudWatch::CompositeAlarm': alarm,
  'AWS::Events::Rule': {
    nameProperty: 'Name',
    nameLengthMax: 64,
    ref: plain,
    attributes: { Arn: regional('events', 'rule/') },
  },
  'AWS::SQS::Queue': {
    nameProperty: 'QueueName',
    nameLengthMax: 80,
    ref: queueUrl,
    attributes: { Arn: regional('sqs', ''), QueueName: plain, QueueUrl: queueUrl },
  },
};

/**
 * Types that do not run: permissions, which are evaluated, and log retention and dashboards, which have no effect. The engine
 * refuses a type on neither list, because an app that is run without one of its resources proves nothing.
 */
export const HARMLESS: Readonly<Record<string, Identity>> = {
  'AWS::CDK::Metadata': { ref: plain },
  'AWS::CloudWatch::Dashboard': { nameProperty: 'DashboardName', ref: plain },
  'AWS::IAM::ManagedPolicy': {
    nameProperty: 'ManagedPolicyName',
    ref: (name, { partition, account }) => `arn:${partition}:iam::${account}:policy/${name}`,
  },
  'AWS::IAM::Policy': { ref: plain },
  'AWS::IAM::Role': { nameProperty: 'RoleName', ref: plain, attributes: { Arn: roleArn } },
  'AWS::Lambda::Permission': { ref: plain },
  'AWS::Logs::LogGroup': {
    nameProperty: 'LogGroupName',
    ref: plain,
    attributes: { Arn: regional('logs', 'log-group:', ':*') },
  },
  'AWS::Logs::QueryDefinition': { ref: plain },
  'AWS::SQS::QueuePolicy': { ref: plain },
};

/** Refused types for which the general remedy is not enough. */
const REMEDIES: Readonly<Record<string, string>> = {
  'AWS::KMS::Alias': 'key policies are not evaluated; keep keys in another stack',
  'AWS::KMS::Key': 'key policies are not evaluated; keep keys in another stack',
  'AWS::Logs::MetricFilter':
    'metric filters are not evaluated, so an alarm on the metric could never fire; log the metric in embedded metric format',
  'AWS::Logs::ResourcePolicy': 'this resource policy is not evaluated; keep it in another stack',
};

/** @throws Error with a remedy unless the engine runs the type, or the type has no effect here */
export function requireKnownType(type: string): void {
  if (Object.hasOwn(RUNNABLE, type) || Object.hasOwn(HARMLESS, type)) return;
  const remedy = Object.hasOwn(REMEDIES, type) ? REMEDIES[type] : 'keep it in another stack';
  throw new Error(`the local engine does not support this resource type: ${remedy}`);
}

export function identityOf(type: string): Identity | undefined {
  return Object.hasOwn(RUNNABLE, type)
    ? RUNNABLE[type]
    : Object.hasOwn(HARMLESS, type)
      ? HARMLESS[type]
      : undefined;
}

/** Returns the local name of a resource: the name in the template, or else `<stack>-<logical id>`. */
export function physicalName(
  logicalId: string,
  resource: TemplateResource,
  scope: Scope,
  resolve: (value: unknown) => unknown,
): string {
  const property = identityOf(resource.Type)?.nameProperty;
  const given = property === undefined ? undefined : resource.Properties?.[property];
  const name = given === undefined ? undefined : resolve(given);
  if (typeof name === 'string') return name;
  const generated = `${scope.stackName}-${logicalId}`;
  const lengthMax = identityOf(resource.Type)?.nameLengthMax ?? generated.length;
  return generated.slice(-lengthMax);
}

/** What `Ref` and `Fn::GetAtt` return for each resource type, with local physical names in place of deployed ones. */
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
  /** A name that the engine makes is cut to this, from the left: logical ids differ at their end. */
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
/** No address of AWS: a client without `AWS_ENDPOINT_URL_SQS` must reach nothing. */
const queueUrl = (name: string, { account }: Scope): string => `http://sqs.invalid/${account}/${name}`;

const alarm: Identity = {
  nameProperty: 'AlarmName',
  ref: plain,
  attributes: { Arn: regional('cloudwatch', 'alarm:') },
};

/** Types the engine runs. */
export const RUN: Readonly<Record<string, Identity>> = {
  'AWS::Lambda::Function': {
    nameProperty: 'FunctionName',
    ref: plain,
    attributes: { Arn: regional('lambda', 'function:') },
  },
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
 * Types that run nothing themselves: permissions, which are read, and log retention and observation, which change nothing.
 * A type on neither list stops the engine, because leaving it out could make the rehearsal pass wrongly.
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

/** Types that look harmless and are not, with what to do instead. */
const REFUSED: Readonly<Record<string, string>> = {
  'AWS::KMS::Alias': 'policies of keys are not evaluated; keep keys in another stack',
  'AWS::KMS::Key': 'policies of keys are not evaluated; keep keys in another stack',
  'AWS::Logs::MetricFilter':
    'nothing local filters logs, and an alarm on its metric could never fire; log the metric in embedded metric format',
  'AWS::Logs::ResourcePolicy': 'policies of resources are not evaluated; keep it in another stack',
};

/** @throws Error that says what to do, unless the engine runs the type or it is harmless */
export function requireKnownType(type: string): void {
  if (Object.hasOwn(RUN, type) || Object.hasOwn(HARMLESS, type)) return;
  const remedy = Object.hasOwn(REFUSED, type) ? REFUSED[type] : 'keep it in another stack';
  throw new Error(`the local engine knows no such resource type: ${remedy}`);
}

export function identityOf(type: string): Identity | undefined {
  return Object.hasOwn(RUN, type) ? RUN[type] : Object.hasOwn(HARMLESS, type) ? HARMLESS[type] : undefined;
}

/** The name the resource has locally: its own if the template gives one as text, else `<stack>-<logical id>`. */
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
  const made = `${scope.stackName}-${logicalId}`;
  const lengthMax = identityOf(resource.Type)?.nameLengthMax ?? made.length;
  return made.slice(-lengthMax);
}

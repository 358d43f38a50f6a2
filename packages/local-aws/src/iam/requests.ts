/**
 * Maps each operation to the permissions that it requires. Source: the Service Authorization Reference, pages of Amazon DynamoDB,
 * Amazon RDS Data API, AWS Step Functions, AWS Lambda, CloudWatch, EventBridge and SQS. Another operation requires its action on `*`.
 */
import { parseReference } from '../function-names';
import { machineQualifier, unqualifiedMachineArn } from '../machine-arns';

export type Service = 'dynamodb' | 'rds-data' | 'states' | 'lambda' | 'cloudwatch' | 'events' | 'sqs';

/** An action on a resource that a policy must allow. */
export interface RequiredPermission {
  readonly action: string;
  /** ARN, or `*` for actions without a resource. */
  readonly resource: string;
  /** Version or alias of a state machine, which is not part of the resource. */
  readonly qualifier?: string;
}

export interface Scope {
  readonly partition: string;
  readonly region: string;
  readonly account: string;
}

type Request = Readonly<Record<string, unknown>>;
/** Returns the ARNs of the resources in a request; empty if the request names none, which its service then refuses. */
type ResourcesOf = (request: Request, scope: Scope) => readonly string[];

const named =
  (member: string): ResourcesOf =>
  ({ [member]: value }) =>
    typeof value === 'string' ? [value] : [];
const nothing: ResourcesOf = () => ['*'];

const regional = (service: string, name: string, { partition, region, account }: Scope): string =>
  name.startsWith('arn:') ? name : `arn:${partition}:${service}:${region}:${account}:${name}`;

const table: ResourcesOf = ({ TableName: name, IndexName: index }, scope) => {
  if (typeof name !== 'string') return [];
  const arn = name.startsWith('arn:') ? name : regional('dynamodb', `table/${name}`, scope);
  return [typeof index === 'string' ? `${arn}/index/${index}` : arn];
};
const tables: ResourcesOf = ({ RequestItems: items }, scope) =>
  Object.keys(items ?? {}).flatMap((TableName) => table({ TableName }, scope));

const machine: ResourcesOf = ({ name }, scope) =>
  typeof name === 'string' ? [regional('states', `stateMachine:${name}`, scope)] : [];
const listed: ResourcesOf = ({ stateMachineArn, mapRunArn }) =>
  [stateMachineArn, mapRunArn].filter((arn) => typeof arn === 'string').map(unqualifiedMachineArn);
/**
 * The version or alias is part of the resource, so that a grant on the unqualified ARN does not cover it:
 * https://docs.aws.amazon.com/lambda/latest/dg/permissions-user-function.html
 */
const lambdaFunction: ResourcesOf = ({ FunctionName: given, Qualifier: separate }, scope) => {
  if (typeof given !== 'string') return [];
  const reference = parseReference(given);
  if (reference === undefined) return [regional('lambda', `function:${given}`, scope)];
  const { name, partition, region, account } = reference;
  const qualifier = reference.qualifier ?? (typeof separate === 'string' ? separate : undefined);
  const at = {
    partition: partition ?? scope.partition,
    region: region ?? scope.region,
    account: account ?? scope.account,
  };
  return [regional('lambda', ['function', name, qualifier].filter(Boolean).join(':'), at)];
};
/**
 * Step Functions authorizes a version or an alias by the ARN of its state machine:
 * https://docs.aws.amazon.com/step-functions/latest/dg/auth-version-alias.html
 */
const qualifiedMachine =
  (member: string): ResourcesOf =>
  ({ [member]: arn }) =>
    typeof arn === 'string' ? [unqualifiedMachineArn(arn)] : [];

const alarms: ResourcesOf = ({ AlarmName: name, AlarmNames: names }, scope) => {
  const given = [name, ...(Array.isArray(names) ? (names as unknown[]) : [])];
  const named = given.filter((each) => typeof each === 'string');
  return named.length === 0 ? ['*'] : named.map((each) => regional('cloudwatch', `alarm:${each}`, scope));
};
const bus: ResourcesOf = (_request, scope) => [regional('events', 'event-bus/default', scope)];
const rule: ResourcesOf = ({ Name: name, Rule: ofTarget }, scope) =>
  [name, ofTarget]
    .filter((each) => typeof each === 'string')
    .map((each) => regional('events', `rule/${each}`, scope));
const queue: ResourcesOf = ({ QueueUrl: url, QueueName: name }, scope) =>
  [typeof url === 'string' ? url.split('/').at(-1) : name]
    .filter((each) => typeof each === 'string')
    .map((each) => regional('sqs', each, scope));

const TABLE_OPERATIONS = [
  ...['CreateTable', 'DeleteItem', 'DeleteTable', 'DescribeTable', 'DescribeTimeToLive', 'GetItem'],
  ...['PutItem', 'Query', 'Scan', 'UpdateItem'],
];
const CLUSTER_OPERATIONS = [
  ...['BatchExecuteStatement', 'BeginTransaction', 'CommitTransaction', 'ExecuteStatement'],
  'RollbackTransaction',
];

/** By service and operation. The action has the operation's name, except that Invoke requires lambda:InvokeFunction. */
const RESOURCES: Readonly<Record<Service, Readonly<Record<string, ResourcesOf>>>> = {
  dynamodb: {
    ...Object.fromEntries(TABLE_OPERATIONS.map((operation) => [operation, table])),
    BatchGetItem: tables,
    BatchWriteItem: tables,
    ListTables: nothing,
    ListTagsOfResource: named('ResourceArn'),
    TagResource: named('ResourceArn'),
    UntagResource: named('ResourceArn'),
  },
  'rds-data': Object.fromEntries(CLUSTER_OPERATIONS.map((operation) => [operation, named('resourceArn')])),
  states: {
    CreateStateMachine: machine,
    DeleteStateMachine: named('stateMachineArn'),
    DescribeExecution: named('executionArn'),
    DescribeMapRun: named('mapRunArn'),
    DescribeStateMachine: qualifiedMachine('stateMachineArn'),
    DescribeStateMachineAlias: qualifiedMachine('stateMachineAliasArn'),
    DescribeStateMachineForExecution: named('executionArn'),
    GetExecutionHistory: named('executionArn'),
    ListExecutions: listed,
    ListMapRuns: named('executionArn'),
    ListStateMachineAliases: qualifiedMachine('stateMachineArn'),
    ListStateMachineVersions: qualifiedMachine('stateMachineArn'),
    ListStateMachines: nothing,
    ListTagsForResource: named('resourceArn'),
    RedriveExecution: named('executionArn'),
    // A task token identifies no resource, so a grant on a state machine does not cover these.
    SendTaskFailure: nothing,
    SendTaskHeartbeat: nothing,
    SendTaskSuccess: nothing,
    StartExecution: qualifiedMachine('stateMachineArn'),
    StopExecution: named('executionArn'),
    TagResource: named('resourceArn'),
    UntagResource: named('resourceArn'),
    UpdateMapRun: named('mapRunArn'),
    UpdateStateMachine: named('stateMachineArn'),
    ValidateStateMachineDefinition: nothing,
  },
  lambda: { InvokeFunction: lambdaFunction },
  cloudwatch: {
    DeleteAlarms: alarms,
    DescribeAlarmHistory: alarms,
    DescribeAlarms: alarms,
    GetMetricData: nothing,
    GetMetricStatistics: nothing,
    ListMetrics: nothing,
    PutMetricAlarm: alarms,
    PutMetricData: nothing,
    SetAlarmState: alarms,
  },
  events: {
    DescribeRule: rule,
    ListRules: nothing,
    ListTargetsByRule: rule,
    PutEvents: bus,
    TestEventPattern: nothing,
  },
  sqs: {
    DeleteMessage: queue,
    GetQueueAttributes: queue,
    GetQueueUrl: queue,
    ListQueues: nothing,
    PurgeQueue: queue,
    ReceiveMessage: queue,
  },
};

/** Services whose permissions are evaluated, by the prefix of their actions. */
export const EVALUATED: readonly string[] = [...Object.keys(RESOURCES), 'secretsmanager'];

/** The operations of a service whose required permissions are known. */
export const operationsWithPermissions = (service: Service): readonly string[] =>
  Object.keys(RESOURCES[service]);

/** @returns undefined if the operation is not in the table */
export function requiredPermissions(
  service: Service,
  operation: string,
  request: Request,
  scope: Scope,
): readonly RequiredPermission[] | undefined {
  const resourcesOf = Object.hasOwn(RESOURCES[service], operation)
    ? RESOURCES[service][operation]
    : undefined;
  if (resourcesOf === undefined) return undefined;
  const qualifier = service === 'states' ? machineQualifier(request['stateMachineArn']) : undefined;
  const needs = resourcesOf(request, scope).map((resource) => ({
    action: `${service}:${operation}`,
    resource,
    ...(qualifier === undefined ? {} : { qualifier }),
  }));
  // The Data API reads the secret with the caller's permissions (Aurora user guide, "Authorizing access to the Data API").
  const secret = service === 'rds-data' ? request['secretArn'] : undefined;
  if (typeof secret !== 'string') return needs;
  return [...needs, { action: 'secretsmanager:GetSecretValue', resource: secret }];
}

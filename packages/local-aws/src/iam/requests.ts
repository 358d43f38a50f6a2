/**
 * Which permissions each operation needs. Source: the Service Authorization Reference, pages of Amazon DynamoDB, Amazon
 * RDS Data API, AWS Step Functions, AWS Lambda, CloudWatch, EventBridge and SQS. An operation that is not here is refused to everybody but operators.
 */

export type Service = 'dynamodb' | 'rds-data' | 'states' | 'lambda' | 'cloudwatch' | 'events' | 'sqs';

/** One thing that must be allowed. */
export interface RequiredPermission {
  readonly action: string;
  /** ARN, or `*` for actions without a resource. */
  readonly resource: string;
}

export interface Scope {
  readonly partition: string;
  readonly region: string;
  readonly account: string;
}

type Request = Readonly<Record<string, unknown>>;
/** ARNs of what a request touches; empty if it does not say, which its service refuses. */
type Touched = (request: Request, scope: Scope) => readonly string[];

const named =
  (member: string): Touched =>
  ({ [member]: value }) =>
    typeof value === 'string' ? [value] : [];
const nothing: Touched = () => ['*'];

const regional = (service: string, name: string, { partition, region, account }: Scope): string =>
  name.startsWith('arn:') ? name : `arn:${partition}:${service}:${region}:${account}:${name}`;

const table: Touched = ({ TableName: name, IndexName: index }, scope) => {
  if (typeof name !== 'string') return [];
  const arn = name.startsWith('arn:') ? name : regional('dynamodb', `table/${name}`, scope);
  return [typeof index === 'string' ? `${arn}/index/${index}` : arn];
};
const tables: Touched = ({ RequestItems: items }, scope) =>
  Object.keys(items ?? {}).flatMap((TableName) => table({ TableName }, scope));

const machine: Touched = ({ name }, scope) =>
  typeof name === 'string' ? [regional('states', `stateMachine:${name}`, scope)] : [];
const listed: Touched = ({ stateMachineArn, mapRunArn }) =>
  [stateMachineArn, mapRunArn].filter((arn) => typeof arn === 'string');
const lambdaFunction: Touched = ({ FunctionName: name }, scope) =>
  typeof name === 'string'
    ? [name.startsWith('arn:') ? name : regional('lambda', `function:${name}`, scope)]
    : [];

const alarms: Touched = ({ AlarmName: name, AlarmNames: names }, scope) => {
  const given = [name, ...(Array.isArray(names) ? (names as unknown[]) : [])];
  const named = given.filter((each) => typeof each === 'string');
  return named.length === 0 ? ['*'] : named.map((each) => regional('cloudwatch', `alarm:${each}`, scope));
};
const bus: Touched = (_request, scope) => [regional('events', 'event-bus/default', scope)];
const rule: Touched = ({ Name: name, Rule: ofTarget }, scope) =>
  [name, ofTarget]
    .filter((each) => typeof each === 'string')
    .map((each) => regional('events', `rule/${each}`, scope));
const queue: Touched = ({ QueueUrl: url, QueueName: name }, scope) =>
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

/** By service and operation. The action has the operation's name; Invoke is the exception. */
const TOUCHED: Readonly<Record<Service, Readonly<Record<string, Touched>>>> = {
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
    DescribeStateMachine: named('stateMachineArn'),
    DescribeStateMachineForExecution: named('executionArn'),
    GetExecutionHistory: named('executionArn'),
    ListExecutions: listed,
    ListMapRuns: named('executionArn'),
    ListStateMachines: nothing,
    ListTagsForResource: named('resourceArn'),
    RedriveExecution: named('executionArn'),
    // A token does not name a resource that a policy could: what is granted on a state machine alone does not count.
    SendTaskFailure: nothing,
    SendTaskHeartbeat: nothing,
    SendTaskSuccess: nothing,
    StartExecution: named('stateMachineArn'),
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

/** Services of which something is evaluated, by the prefix of their actions. */
export const EVALUATED: readonly string[] = [...Object.keys(TOUCHED), 'secretsmanager'];

/** Operations whose permissions are known. */
export const operationsWithPermissions = (service: Service): readonly string[] =>
  Object.keys(TOUCHED[service]);

/** Undefined if the operation is not in the table. */
export function requiredPermissions(
  service: Service,
  operation: string,
  request: Request,
  scope: Scope,
): readonly RequiredPermission[] | undefined {
  const touched = Object.hasOwn(TOUCHED[service], operation) ? TOUCHED[service][operation] : undefined;
  if (touched === undefined) return undefined;
  const needs = touched(request, scope).map((resource) => ({ action: `${service}:${operation}`, resource }));
  // The Data API fetches the login with the caller's rights (Aurora user guide, "Authorizing access to the Data API").
  const secret = service === 'rds-data' ? request['secretArn'] : undefined;
  if (typeof secret !== 'string') return needs;
  return [...needs, { action: 'secretsmanager:GetSecretValue', resource: secret }];
}

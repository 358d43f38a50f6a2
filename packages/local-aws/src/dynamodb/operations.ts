/** Lists the supported operations and parameters, and refuses others, which dynalite would ignore. */
import { unknownMembers } from './members';

const EXPRESSIONS = ['ExpressionAttributeNames', 'ExpressionAttributeValues'];
const REPORTS = ['ReturnConsumedCapacity', 'ReturnItemCollectionMetrics'];
const CONDITION = ['ConditionExpression', ...EXPRESSIONS, ...REPORTS, 'ReturnValues'];
const PAGE = [
  'ExclusiveStartKey',
  'FilterExpression',
  'IndexName',
  'Limit',
  'ProjectionExpression',
  'Select',
];
const READ = ['ConsistentRead', 'ReturnConsumedCapacity'];
const CONDITION_FAILURE = 'ReturnValuesOnConditionCheckFailure';

/** Omits the legacy parameters (Expected, AttributesToGet, …) deliberately: AWS advises against them. */
export const OPERATIONS: Readonly<Record<string, readonly string[]>> = {
  BatchGetItem: ['RequestItems', 'ReturnConsumedCapacity'],
  BatchWriteItem: ['RequestItems', ...REPORTS],
  CreateTable: [
    ...[
      'AttributeDefinitions',
      'BillingMode',
      'GlobalSecondaryIndexes',
      'KeySchema',
      'LocalSecondaryIndexes',
    ],
    'TableName',
  ],
  DeleteItem: ['Key', 'TableName', CONDITION_FAILURE, ...CONDITION],
  DeleteTable: ['TableName'],
  DescribeTable: ['TableName'],
  DescribeTimeToLive: ['TableName'],
  GetItem: ['ExpressionAttributeNames', 'Key', 'ProjectionExpression', 'TableName', ...READ],
  ListTables: ['ExclusiveStartTableName', 'Limit'],
  ListTagsOfResource: ['ResourceArn'],
  PutItem: ['Item', 'TableName', CONDITION_FAILURE, ...CONDITION],
  Query: ['KeyConditionExpression', 'ScanIndexForward', 'TableName', ...EXPRESSIONS, ...PAGE, ...READ],
  Scan: ['Segment', 'TableName', 'TotalSegments', ...EXPRESSIONS, ...PAGE, ...READ],
  TagResource: ['ResourceArn', 'Tags'],
  UntagResource: ['ResourceArn', 'TagKeys'],
  UpdateItem: ['Key', 'TableName', 'UpdateExpression', CONDITION_FAILURE, ...CONDITION],
};

/** Operations that return the consumed capacity on request. */
export const READS: readonly string[] = ['BatchGetItem', 'GetItem', 'Query', 'Scan'];
export const WRITES: readonly string[] = ['BatchWriteItem', 'DeleteItem', 'PutItem', 'UpdateItem'];

/** Limit of one expression, which dynalite does not enforce. */
const EXPRESSION_BYTES_MAX = 4_096;
const EXPRESSION_MEMBERS = [
  ...['ConditionExpression', 'FilterExpression', 'KeyConditionExpression', 'ProjectionExpression'],
  'UpdateExpression',
];
const bytesOf = (value: unknown): number => (typeof value === 'string' ? Buffer.byteLength(value) : 0);

type Json = Readonly<Record<string, unknown>>;

/** Returns why a request is refused; undefined if it is not. */
export function refusalOf(operation: string, request: Json): string | undefined {
  const parameters = Object.hasOwn(OPERATIONS, operation) ? OPERATIONS[operation] : undefined;
  if (parameters === undefined) {
    return `The local DynamoDB does not support ${operation}. It supports ${Object.keys(OPERATIONS).join(', ')}.`;
  }
  const unknown = Object.keys(request).filter((name) => !parameters.includes(name));
  if (unknown.length > 0)
    return `The local DynamoDB's ${operation} does not support ${unknown.join(', ')}. It supports ${parameters.join(', ')}.`;
  const [within] = unknownMembers(operation, request);
  if (within !== undefined)
    return `The local DynamoDB's ${operation} does not support ${within.place}. There it supports ${within.known.join(', ')}.`;
  return (
    valueRefusal(operation, request) ??
    longExpression(request) ??
    batchRefusal(operation, request['RequestItems'])
  );
}

/** Refuses values that dynalite accepts and ignores. */
function valueRefusal(operation: string, request: Json): string | undefined {
  const { BillingMode: mode = 'PROVISIONED', ReturnItemCollectionMetrics: metrics = 'NONE' } = request;
  const { [CONDITION_FAILURE]: onFailure = 'NONE', IndexName: index, ConsistentRead: consistent } = request;
  if (operation === 'CreateTable' && mode !== 'PAY_PER_REQUEST')
    return `The local DynamoDB does not enforce provisioned throughput: BillingMode must be PAY_PER_REQUEST, not ${String(mode)}. PROVISIONED is also the default of CreateTable.`;
  if (metrics !== 'NONE')
    return `The local DynamoDB does not measure item collections: ReturnItemCollectionMetrics must be NONE, not ${String(metrics)}.`;
  if (!['ALL_OLD', 'NONE'].includes(onFailure as string))
    return `Value '${String(onFailure)}' at '${CONDITION_FAILURE}' failed to satisfy constraint: Member must satisfy enum value set: [ALL_OLD, NONE]`;
  if (operation === 'Scan' && index !== undefined && consistent === true)
    return 'The local DynamoDB does not support ConsistentRead for a scan of an index. Remove ConsistentRead.';
  return undefined;
}

function longExpression(request: Json, place = ''): string | undefined {
  const long = EXPRESSION_MEMBERS.find((name) => bytesOf(request[name]) > EXPRESSION_BYTES_MAX);
  if (long === undefined) return undefined;
  return `Invalid ${place}${long}: the expression has ${bytesOf(request[long])} bytes, over the limit of ${EXPRESSION_BYTES_MAX}`;
}

/** Checks the requests of a batch, table by table. dynalite refuses a malformed batch. */
function batchRefusal(operation: string, requestItems: unknown): string | undefined {
  for (const [table, requests] of Object.entries((requestItems ?? {}) as Readonly<Record<string, unknown>>)) {
    const place = `RequestItems.${table}`;
    if (operation === 'BatchGetItem') {
      const long = longExpression((requests ?? {}) as Json, `${place}.`);
      if (long !== undefined) return long;
    } else if (Array.isArray(requests)) {
      const wrong = requests.findIndex((write) => Object.keys((write ?? {}) as object).length !== 1);
      if (wrong >= 0)
        return `${place}[${wrong}] must be either a PutRequest or a DeleteRequest, but has ${Object.keys((requests[wrong] ?? {}) as object).join(' and ') || 'neither'}.`;
    }
  }
  return undefined;
}

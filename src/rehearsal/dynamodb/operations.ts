/** What the local DynamoDB can do, parameter by parameter; the rest is refused, since dynalite would ignore it. */

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

/** The legacy parameters (Expected, AttributesToGet, ...) are left out on purpose: AWS advises against them. */
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
    ...['ProvisionedThroughput', 'TableName'],
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

/** Operations that answer with what they consumed if they are asked to. */
export const READS: readonly string[] = ['BatchGetItem', 'GetItem', 'Query', 'Scan'];
export const ITEM_WRITES: readonly string[] = ['DeleteItem', 'PutItem', 'UpdateItem'];
export const WRITES: readonly string[] = ['BatchWriteItem', ...ITEM_WRITES];

/** Of one expression; dynalite knows no such limit. */
const EXPRESSION_BYTES_MAX = 4_096;
const EXPRESSION_MEMBERS = [
  ...['ConditionExpression', 'FilterExpression', 'KeyConditionExpression', 'ProjectionExpression'],
  'UpdateExpression',
];
const bytesOf = (value: unknown): number => (typeof value === 'string' ? Buffer.byteLength(value) : 0);

/** Why a request cannot be served; undefined if it can. */
export function refusalOf(operation: string, request: Readonly<Record<string, unknown>>): string | undefined {
  const parameters = Object.hasOwn(OPERATIONS, operation) ? OPERATIONS[operation] : undefined;
  if (parameters === undefined) {
    return `The local DynamoDB has no ${operation}; it has ${Object.keys(OPERATIONS).join(', ')}.`;
  }
  const unknown = Object.keys(request).filter((name) => !parameters.includes(name));
  if (operation === 'Scan' && request['IndexName'] !== undefined && request['ConsistentRead'] === true) {
    return 'The local DynamoDB does not scan an index with ConsistentRead.';
  }
  const long = EXPRESSION_MEMBERS.find((name) => bytesOf(request[name]) > EXPRESSION_BYTES_MAX);
  if (long !== undefined) {
    return `Invalid ${long}: the expression has ${bytesOf(request[long])} bytes, over the limit of ${EXPRESSION_BYTES_MAX}`;
  }
  if (unknown.length === 0) return undefined;
  return `The local DynamoDB's ${operation} does not know ${unknown.join(', ')}; it knows ${parameters.join(', ')}.`;
}

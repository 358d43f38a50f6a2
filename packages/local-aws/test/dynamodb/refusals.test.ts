/** Checks that members which dynalite would ignore are refused, at any depth of a request. */
import {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  CreateTableCommand,
  PutItemCommand,
  type CreateTableCommandInput,
  type WriteRequest,
} from '@aws-sdk/client-dynamodb';

import { unknownMembers } from '../../src/dynamodb/members';
import { startDynamoDbFixture, type DynamoDbFixture } from '../../src/testing/dynamodb';

let fixture: DynamoDbFixture;
beforeAll(async () => {
  fixture = await startDynamoDbFixture();
});
afterAll(() => fixture.close());

const KEY = { pk: { S: 'a' }, sk: { S: '1' } };

const outcomeOf = (sent: Promise<unknown>): Promise<string> =>
  sent.then(
    () => 'done',
    (error: Error) => `${error.name}: ${error.message}`,
  );
/** Sends a request that no SDK would send. */
const raw = async (operation: string, request: object): Promise<string> => {
  const response = await fetch(fixture.service.url, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': `DynamoDB_20120810.${operation}`,
      'x-amz-date': '20200101T000000Z',
      authorization:
        'AWS4-HMAC-SHA256 Credential=a/20200101/eu-west-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0',
    },
    body: JSON.stringify(request),
  });
  const { __type: type = 'done', message = '' } = (await response.json()) as {
    __type?: string;
    message?: string;
  };
  return `${type.replace(/^.*#/, '')}: ${message}`;
};

test.each<[string, object, string]>([
  ['a legacy member', { AttributesToGet: ['pk'] }, 'does not support RequestItems.control.AttributesToGet'],
  ['an unknown member', { Consistent: true }, 'does not support RequestItems.control.Consistent'],
  [
    'a long expression',
    { ProjectionExpression: `pk${' '.repeat(5_000)}` },
    'Invalid RequestItems.control.ProjectionExpression: the expression has 5002 bytes, over the limit of 4096',
  ],
])('a batch of reads with %s is refused', async (_what, more, reason) => {
  const read = (keys: object) => raw('BatchGetItem', { RequestItems: { control: keys } });
  const longest = `pk${' '.repeat(4_094)}`;
  expect(await read({ Keys: [KEY], ConsistentRead: true, ProjectionExpression: longest })).toBe('done: ');
  expect(await read({ Keys: [KEY], ...more })).toContain(`ValidationException: `);
  expect(await read({ Keys: [KEY], ...more })).toContain(reason);
});

test('a legacy member is refused from the SDK too', async () => {
  const legacy = new BatchGetItemCommand({
    RequestItems: { control: { Keys: [KEY], AttributesToGet: ['pk'] } },
  });
  expect(await outcomeOf(fixture.client.send(legacy))).toContain('RequestItems.control.AttributesToGet');
});

test('a batch of writes refuses conditions and elements that do not have exactly one write', async () => {
  const write = (request: object) => raw('BatchWriteItem', { RequestItems: { control: [request] } });
  const PutRequest = { Item: KEY };
  expect(await write({ PutRequest })).toBe('done: ');
  expect(await write({ PutRequest, ConditionExpression: 'attribute_not_exists(pk)' })).toContain(
    'does not support RequestItems.control[0].ConditionExpression. There it supports PutRequest, DeleteRequest',
  );
  expect(await write({ PutRequest: { ...PutRequest, ReturnValues: 'ALL_OLD' } })).toContain(
    'does not support RequestItems.control[0].PutRequest.ReturnValues',
  );
  const both: WriteRequest = { PutRequest, DeleteRequest: { Key: KEY } };
  const batch = new BatchWriteItemCommand({ RequestItems: { control: [both] } });
  expect(await outcomeOf(fixture.client.send(batch))).toMatch(
    /^ValidationException: RequestItems.control\[0\] must be either a PutRequest or a DeleteRequest, but has PutRequest and DeleteRequest/,
  );
  expect(await write({})).toContain('but has neither');
});

test.each(['ReturnValuesOnConditionCheckFailure', 'ReturnItemCollectionMetrics'])(
  'a value of %s that would be ignored is refused',
  async (name) => {
    const put = (value: string) =>
      outcomeOf(fixture.client.send(new PutItemCommand({ TableName: 'control', Item: KEY, [name]: value })));
    expect(await put('NONE')).toBe('done');
    expect(await put('EVERYTHING')).toMatch(new RegExp(`^ValidationException: .*${name}`));
    expect(await put('EVERYTHING')).toContain('EVERYTHING');
  },
);

test('an unknown type of an attribute value is refused at any depth', async () => {
  const put = (note: object) => raw('PutItem', { TableName: 'control', Item: { ...KEY, note } });
  expect(await put({ M: { S: { L: [{ NULL: true }, { BS: ['eA=='] }] } } })).toBe('done: ');
  expect(await put({ M: { S: { L: [{ NULL: true }, { T: 'x', S: 'x' }] } } })).toContain(
    'does not support Item.note.M.S.L[1].T. There it supports S, N, B,',
  );
});

test('CreateTable refuses parameters that are not enforced', async () => {
  const index = {
    IndexName: 'byState',
    KeySchema: [{ AttributeName: 'state', KeyType: 'HASH' as const }],
    Projection: { ProjectionType: 'ALL' as const },
  };
  const create = (changes: Partial<CreateTableCommandInput>) =>
    outcomeOf(
      fixture.client.send(
        new CreateTableCommand({
          TableName: 'other',
          KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
          AttributeDefinitions: ['pk', 'state'].map((name) => ({ AttributeName: name, AttributeType: 'S' })),
          BillingMode: 'PAY_PER_REQUEST',
          GlobalSecondaryIndexes: [index],
          ...changes,
        }),
      ),
    );
  const throughput = { ReadCapacityUnits: 1, WriteCapacityUnits: 1 };
  const onDemand = { MaxReadRequestUnits: 1 };
  const withIndex = (more: object) => create({ GlobalSecondaryIndexes: [{ ...index, ...more }] });
  expect(await create({ BillingMode: 'PROVISIONED' })).toMatch(/^Val.*BillingMode must be PAY_PER_REQUEST/);
  expect(await create({ BillingMode: undefined })).toContain('must be PAY_PER_REQUEST, not PROVISIONED');
  expect(await create({ ProvisionedThroughput: throughput })).toContain('not support ProvisionedThroughput');
  expect(await create({ OnDemandThroughput: onDemand })).toContain('does not support OnDemandThroughput');
  expect(await create({ StreamSpecification: { StreamEnabled: true } })).toContain('StreamSpecification');
  const place = 'does not support GlobalSecondaryIndexes[0]';
  expect(await withIndex({ OnDemandThroughput: onDemand })).toContain(`${place}.OnDemandThroughput`);
  expect(await withIndex({ ProvisionedThroughput: throughput })).toContain(`${place}.ProvisionedThroughput`);
  expect(await withIndex({ WarmThroughput: { ReadUnitsPerSecond: 1 } })).toContain(`${place}.WarmThroughput`);
  expect(await create({})).toBe('done');
});

test('every unknown member is found, in lists and maps', () => {
  const keys = { A1: { S: 'x', Z: 1 } };
  expect(
    unknownMembers('Query', { ExclusiveStartKey: keys, ExpressionAttributeValues: { ':a': { Y: 1 } } }).map(
      ({ place }) => place,
    ),
  ).toEqual(['ExclusiveStartKey.A1.Z', 'ExpressionAttributeValues.:a.Y']);
  expect(unknownMembers('TagResource', { Tags: [{ Key: 'a', Value: 'b', Note: 'c' }] })).toEqual([
    { place: 'Tags[0].Note', known: ['Key', 'Value'] },
  ]);
});

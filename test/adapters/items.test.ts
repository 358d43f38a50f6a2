/** AWS itself is the subject: what the control table's items make of the errors of DynamoDB and of its SDK. */
import { DynamoDBClient, ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import {
  DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { Items } from '../../src/adapters/dynamodb/items';
import { TransientFailure } from '../../src/core/errors';

const dynamodb = mockClient(DynamoDBDocumentClient);
const items = new Items(DynamoDBDocumentClient.from(new DynamoDBClient({ region: 'eu-west-1' })), 'control');
const KEY = { pk: 'orders', sk: 'migration' };

const refused = new ConditionalCheckFailedException({ message: 'the condition failed', $metadata: {} });
const error = (name: string, more: object = {}): Error =>
  Object.assign(new Error('it says no'), { name, ...more });

beforeEach(() => dynamodb.reset());
afterAll(() => dynamodb.restore());

describe('a write that the SDK repeated after its response was lost is refused by its own condition', () => {
  beforeEach(() => dynamodb.on(PutCommand).rejects(refused).on(UpdateCommand).rejects(refused));
  const holding = (item: object | undefined) =>
    dynamodb
      .on(GetCommand, { TableName: 'control', Key: KEY, ConsistentRead: true })
      .resolves(item ? { Item: { ...KEY, ...item } } : {});
  const create = () =>
    items.create(KEY.pk, KEY.sk, { owner: 'me', tables: [{ name: 't' }], reason: undefined });
  const set = () =>
    items.set(KEY.pk, KEY.sk, { writes: 'target', decision: 7 }, '#writes = :from', { from: 'source' });

  test('and counts as done if the item has its values', async () => {
    holding({ owner: 'me', tables: [{ name: 't' }], epoch: 4 });
    expect(await create()).toBe(true);
    const after = { writes: 'target', decision: 7, epoch: 4 };
    holding(after);
    expect(await set()).toEqual({ ...KEY, ...after });
  });

  test.each([
    ['belongs to another caller', { owner: 'other', tables: [{ name: 't' }], writes: 'target', decision: 8 }],
    ['has other values inside', { owner: 'me', tables: [{ name: 'u' }], writes: 'target' }],
    ['does not exist', undefined],
  ])('and does not count as done if the item %s', async (_what, item) => {
    holding(item);
    expect(await create()).toBe(false);
    expect(await set()).toBeNull();
  });

  test('but an update whose effect is not in its values is never taken for done', async () => {
    holding({ token: 1 });
    const added = items.update(KEY.pk, KEY.sk, {
      UpdateExpression: 'ADD #token :one',
      ConditionExpression: '#state = :open',
      ExpressionAttributeNames: { '#token': 'token', '#state': 'state' },
      ExpressionAttributeValues: { ':one': 1, ':open': 'open' },
    });
    expect(await added).toBeNull();
    expect(dynamodb.commandCalls(GetCommand)).toHaveLength(0);
  });

  test('and the error of the read that follows is reported', async () => {
    dynamodb.on(GetCommand).rejects(error('ThrottlingException'));
    await expect(create()).rejects.toBeInstanceOf(TransientFailure);
  });
});

/** Every operation, and the command that it sends. */
const OPERATIONS: [name: string, run: () => Promise<unknown>][] = [
  ['get', () => items.get(KEY.pk, KEY.sk)],
  ['query', () => items.query(KEY.pk, 'chunk#')],
  ['create', () => items.create(KEY.pk, KEY.sk, { owner: 'me' })],
  ['set', () => items.set(KEY.pk, KEY.sk, { owner: 'me' }, 'attribute_exists(sk)')],
  ['update', () => items.update(KEY.pk, KEY.sk, { UpdateExpression: 'REMOVE reason' })],
  ['removeAll', () => items.removeAll(KEY.pk, 'chunk#')],
];

const TRANSIENT: [what: string, failure: Error][] = [
  ...[
    'InternalServerError',
    'LimitExceededException',
    'ProvisionedThroughputExceededException',
    'RequestLimitExceeded',
    'ServiceUnavailable',
    'ServiceUnavailableException',
    'ThrottlingException',
    'TimeoutError',
    'TransactionConflictException',
  ].map((name): [string, Error] => [name, error(name)]),
  ...['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH', 'EAI_AGAIN'].map(
    (code): [string, Error] => [code, error('Error', { code })],
  ),
  ...[500, 502, 503].map((httpStatusCode): [string, Error] => [
    `HTTP status ${httpStatusCode}`,
    error('UnknownError', { $metadata: { httpStatusCode } }),
  ]),
];

const PERMANENT: [what: string, failure: Error][] = [
  ['a missing table', error('ResourceNotFoundException', { $metadata: { httpStatusCode: 400 } })],
  ['a denied call', error('AccessDeniedException', { $metadata: { httpStatusCode: 400 } })],
  ['a wrong request', error('ValidationException', { $metadata: { httpStatusCode: 400 } })],
  ['credentials that are missing', error('CredentialsProviderError')],
  ['a name that does not exist', error('Error', { code: 'ENOTFOUND' })],
  ['an error of the code', new TypeError('x is undefined')],
];

describe.each(OPERATIONS)('%s', (_name, run) => {
  test.each(TRANSIENT)('reports %s as transient, with its cause', async (_what, failure) => {
    dynamodb.rejects(failure);
    await expect(run()).rejects.toBeInstanceOf(TransientFailure);
    await expect(run()).rejects.toMatchObject({ message: `${failure.name}: it says no`, cause: failure });
  });

  test.each(PERMANENT)('throws the error of %s unchanged', async (_what, failure) => {
    dynamodb.rejects(failure);
    await expect(run()).rejects.toBe(failure);
  });
});

test('an error in the middle of a removal is reported as well', async () => {
  dynamodb
    .rejects(error('ThrottlingException'))
    .on(QueryCommand)
    .resolves({ Items: [{ ...KEY }] });
  await expect(items.removeAll(KEY.pk, '')).rejects.toBeInstanceOf(TransientFailure);
});

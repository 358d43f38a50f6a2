/** Creates one DynamoDB table for a test, with an SDK client for it. */
import { randomBytes, randomUUID } from 'node:crypto';
import {
  CreateTableCommand,
  DeleteTableCommand,
  DynamoDBClient,
  type TableDescription,
} from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { TableResource } from '../assembly';
import { startDynamoDb, type DynamoDb } from '../dynamodb';

const REGION = 'eu-west-1';
const ACCOUNT = '111122223333';

/** A table with a partition key `pk` and a sort key `sk`, both strings. */
export const keyedTable = (name: string): TableResource => ({
  logicalId: 'Table',
  name,
  arn: `arn:aws:dynamodb:${REGION}:${ACCOUNT}:table/${name}`,
  keySchema: [
    { AttributeName: 'pk', KeyType: 'HASH' },
    { AttributeName: 'sk', KeyType: 'RANGE' },
  ],
  attributes: [
    { AttributeName: 'pk', AttributeType: 'S' },
    { AttributeName: 'sk', AttributeType: 'S' },
  ],
  billingMode: 'PAY_PER_REQUEST',
  provisionedThroughput: undefined,
  globalIndexes: [],
  localIndexes: [],
});

export interface TestTable {
  readonly client: DynamoDBDocumentClient;
  /** A client that reaches the table through another endpoint, such as a proxy. */
  clientAt(endpoint: string): DynamoDBDocumentClient;
  /** Environment variables that point SDK clients at the service. */
  readonly environment: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

/** Uses the engine's DynamoDB, or the service at LOCAL_AWS_DYNAMODB_URL: the same tests must pass on both. */
export async function startTestTable(table: TableResource): Promise<TestTable> {
  const given = process.env['LOCAL_AWS_DYNAMODB_URL'];
  const service = given === undefined ? await startOwn(table) : await useGiven(given, table);
  const { url, accessKeyId, handler } = service;
  const identify = given === undefined ? () => undefined : identifyTables(randomUUID());
  const opened: DynamoDBClient[] = [];
  const open = (endpoint: string, requestHandler?: Handler): DynamoDBDocumentClient => {
    const client = clientOf(endpoint, accessKeyId, requestHandler);
    opened.push(client);
    identify(client);
    return DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } });
  };
  return {
    client: open(url, handler),
    clientAt: (endpoint) => open(endpoint),
    environment: {
      AWS_ENDPOINT_URL_DYNAMODB: url,
      AWS_REGION: REGION,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: 'local',
    },
    stop: async () => {
      for (const client of opened) client.destroy();
      await service.stop();
    },
  };
}

interface Service {
  readonly url: string;
  readonly accessKeyId: string;
  /** @default requests over HTTP */
  readonly handler?: Handler;
  stop(): Promise<void>;
}

async function startOwn(table: TableResource): Promise<Service> {
  const service = await startDynamoDb({
    ...{ directory: null, tables: [table] },
    ...{ region: REGION, account: ACCOUNT },
  });
  return { url: service.url, accessKeyId: 'local', handler: inProcess(service), stop: () => service.close() };
}

/** Passes the SDK's requests to the service without a socket, which would take more time than the service. */
const inProcess = ({ respond }: Pick<DynamoDb, 'respond'>) => ({
  handle: async (request: { headers: Record<string, string>; body?: Uint8Array | string }) => {
    const { status, headers, body } = await respond(request.headers, textOf(request.body));
    return { response: { statusCode: status, headers, body: Buffer.from(body) } };
  },
});

const textOf = (body: Uint8Array | string = ''): string =>
  typeof body === 'string' ? body : new TextDecoder().decode(body);

type Handler = ReturnType<typeof inProcess>;

/** DynamoDB Local keeps the tables of each access key apart, so tests can run concurrently. */
async function useGiven(url: string, table: TableResource): Promise<Service> {
  const accessKeyId = `test${randomBytes(8).toString('hex')}`;
  const client = clientOf(url, accessKeyId);
  const name = { TableName: table.name };
  await client.send(
    new CreateTableCommand({
      ...name,
      KeySchema: [...table.keySchema],
      AttributeDefinitions: [...table.attributes],
      BillingMode: 'PAY_PER_REQUEST',
    }),
  );
  const stop = async (): Promise<void> => {
    await client.send(new DeleteTableCommand(name));
    client.destroy();
  };
  return { url, accessKeyId, stop };
}

/** DynamoDB Local leaves out the id that DynamoDB gives each table. */
const identifyTables =
  (TableId: string) =>
  (client: DynamoDBClient): void =>
    client.middlewareStack.add(
      (next) => async (request) => {
        const result = await next(request);
        const { Table } = result.output as { Table?: TableDescription };
        if (Table !== undefined) Table.TableId ??= TableId;
        return result;
      },
      { step: 'initialize' },
    );

const clientOf = (endpoint: string, accessKeyId: string, requestHandler?: Handler): DynamoDBClient =>
  new DynamoDBClient({
    ...{ endpoint, region: REGION, credentials: { accessKeyId, secretAccessKey: 'local' } },
    ...(requestHandler === undefined ? {} : { requestHandler }),
  });

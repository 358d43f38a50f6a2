/** Calls the bus with AWS's own client, and follows events whose targets fail. */
import {
  EventBridgeClient,
  ListRulesCommand,
  PutEventsCommand,
  PutRuleCommand,
  TestEventPatternCommand,
  type PutEventsRequestEntry,
} from '@aws-sdk/client-eventbridge';
import {
  DeleteMessageCommand,
  GetQueueUrlCommand,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';

import {
  DeliveryFailure,
  readRule,
  startEventBridge,
  type EventBridge,
  type EventBridgeOptions,
} from '../../src/event-bridge';
import { startSqs, type Sqs } from '../../src/sqs';

const FUNCTION_ARN = 'arn:aws:lambda:eu-central-1:123456789012:function:abort';
const QUEUE_ARN = 'arn:aws:sqs:eu-central-1:123456789012:lost';

let sqs: Sqs;
let bus: EventBridge;
let client: EventBridgeClient;
let queues: SQSClient;
let delivered: unknown[];
let problems: string[];
let nowMs: number;
let failure: DeliveryFailure | undefined;

const common = {
  region: 'eu-central-1',
  credentials: { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'secret' },
  maxAttempts: 1,
};

const ruleWith = (target: object = {}) =>
  readRule({
    Name: 'abort',
    EventPattern: { source: ['shop'], detail: { state: ['ALARM'] } },
    Targets: [{ Id: 'Function', Arn: FUNCTION_ARN, ...target }],
  });

async function start(options: Partial<EventBridgeOptions> = {}): Promise<void> {
  bus = await startEventBridge({
    region: 'eu-central-1',
    account: '123456789012',
    rules: [ruleWith()],
    deliver: async (_target, input) => {
      if (failure !== undefined) throw failure;
      delivered.push(JSON.parse(input));
    },
    deadLetter: ({ queueArn, body, attributes }) => sqs.send(queueArn, body, attributes),
    onProblem: (problem) => problems.push(problem),
    // A wait ends immediately and advances the clock.
    clock: { nowMs: () => nowMs, wait: async (ms) => void (nowMs += ms) },
    ...options,
  });
  client = new EventBridgeClient({ ...common, endpoint: bus.url });
}

beforeEach(async () => {
  [delivered, problems, nowMs, failure] = [[], [], Date.UTC(2026, 10, 20, 12), undefined];
  const queue = { name: 'lost', arn: QUEUE_ARN, visibilitySeconds: 30, retentionSeconds: 345_600 };
  sqs = await startSqs({ account: '123456789012', queues: [queue] });
  queues = new SQSClient({ ...common, endpoint: sqs.url });
});
afterEach(async () => {
  client.destroy();
  queues.destroy();
  await bus.close();
  await sqs.close();
});

const ALARM: PutEventsRequestEntry = {
  Source: 'shop',
  DetailType: 'Lag',
  Detail: JSON.stringify({ state: 'ALARM', table: 'orders' }),
};
const put = (...Entries: PutEventsRequestEntry[]) => client.send(new PutEventsCommand({ Entries }));

/** Deliveries start after the response. Because waits end immediately, a few turns of the event loop are enough. */
const settle = (): Promise<void> => new Promise((done) => setTimeout(done, 50));

test('an event reaches the targets of the rules that match it', async () => {
  await start();
  const { Entries } = await put(ALARM, { ...ALARM, Detail: '{"state":"OK"}' });
  await settle();
  expect(delivered).toEqual([
    {
      version: '0',
      id: Entries?.[0]?.EventId,
      'detail-type': 'Lag',
      source: 'shop',
      account: '123456789012',
      time: '2026-11-20T12:00:00Z',
      region: 'eu-central-1',
      resources: [],
      detail: { state: 'ALARM', table: 'orders' },
    },
  ]);
  expect((await client.send(new ListRulesCommand({}))).Rules).toMatchObject([
    { Name: 'abort', Arn: 'arn:aws:events:eu-central-1:123456789012:rule/abort', State: 'ENABLED' },
  ]);
});

test('entries are refused individually; a request that is too large is refused as a whole', async () => {
  await start();
  const { FailedEntryCount, Entries } = await put(
    { ...ALARM, Detail: '[1]' },
    { ...ALARM, Source: 'aws.cloudwatch' },
    { ...ALARM, DetailType: undefined },
    { ...ALARM, EventBusName: 'other' },
  );
  expect(FailedEntryCount).toBe(4);
  expect(Entries?.map(({ ErrorCode }) => ErrorCode)).toEqual([
    'MalformedDetail',
    'NotAuthorizedForSourceException',
    'InvalidArgument',
    'ResourceNotFoundException',
  ]);
  const large = (bytes: number): PutEventsRequestEntry => ({
    ...ALARM,
    Detail: JSON.stringify({ note: 'x'.repeat(bytes - 'shopLag{"note":""}'.length) }),
  });
  expect((await put(large(256 * 1024 - 1))).FailedEntryCount).toBe(0);
  await expect(put(large(256 * 1024))).rejects.toMatchObject({ name: 'ValidationException' });
  await expect(put(...Array.from({ length: 11 }, () => ALARM))).rejects.toThrow('the limit is 10');
});

test('an event is retried until its target accepts it', async () => {
  let attempts = 0;
  await start({
    deliver: async () => {
      if (++attempts < 4) throw new DeliveryFailure('THROTTLING', 'Rate exceeded', true);
    },
  });
  const startedMs = nowMs;
  await put(ALARM);
  await settle();
  expect(attempts).toBe(4);
  // 50 to 100 % of 1, 2 and 4 seconds.
  expect(nowMs - startedMs).toBeGreaterThanOrEqual(3_500);
  expect(nowMs - startedMs).toBeLessThanOrEqual(7_000);
});

async function deadLetters() {
  const { QueueUrl } = await queues.send(new GetQueueUrlCommand({ QueueName: 'lost' }));
  const { Messages = [] } = await queues.send(
    new ReceiveMessageCommand({ QueueUrl, MessageAttributeNames: ['All'], MaxNumberOfMessages: 10 }),
  );
  for (const { ReceiptHandle } of Messages)
    await queues.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
  return Messages.map(({ Body = '', MessageAttributes = {} }) => ({
    event: JSON.parse(Body) as unknown,
    ...Object.fromEntries(
      Object.entries(MessageAttributes).map(([name, { StringValue }]) => [name, StringValue]),
    ),
  }));
}

test.each<[string, object, object]>([
  [
    'attempts',
    { MaximumRetryAttempts: 2 },
    { EXHAUSTED_RETRY_CONDITION: 'MaximumRetryAttempts', RETRY_ATTEMPTS: '2' },
  ],
  ['age', { MaximumEventAgeInSeconds: 60 }, { EXHAUSTED_RETRY_CONDITION: 'MaximumEventAgeInSeconds' }],
])('an event that exceeds its %s goes to the dead-letter queue', async (_what, RetryPolicy, expected) => {
  await start({ rules: [ruleWith({ RetryPolicy, DeadLetterConfig: { Arn: QUEUE_ARN } })] });
  failure = new DeliveryFailure('THROTTLING', 'Rate exceeded', true);
  await put(ALARM);
  await settle();
  expect(await deadLetters()).toMatchObject([
    {
      event: { source: 'shop', detail: { table: 'orders' } },
      RULE_ARN: 'arn:aws:events:eu-central-1:123456789012:rule/abort',
      TARGET_ARN: FUNCTION_ARN,
      ERROR_CODE: 'THROTTLING',
      ...expected,
    },
  ]);
  expect(await deadLetters()).toEqual([]);
  expect(problems).toEqual([]);
});

test('a permanent failure is not retried, and without a dead-letter queue the loss is reported', async () => {
  await start();
  failure = new DeliveryFailure('NO_RESOURCE', 'Function not found', false);
  await put(ALARM);
  await settle();
  expect(problems).toEqual([
    expect.stringMatching(/did not reach .*:abort in 1 attempt.*NO_RESOURCE.*The event is lost/),
  ]);
});

test('injected faults duplicate, delay and fail deliveries, reproducibly by seed', async () => {
  const faults = { duplicates: 1, failures: 0.5, delayMsMax: 60_000, random: drawn(7) };
  await start({ faults });
  const startedMs = nowMs;
  await put(ALARM);
  await settle();
  expect(delivered).toHaveLength(2);
  expect(delivered[0]).toEqual(delivered[1]);
  expect(nowMs - startedMs).toBeGreaterThan(30_000);
});

/** A Lehmer random number generator. */
function drawn(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
}

test('unsupported operations and operators are refused by name', async () => {
  await start();
  await expect(client.send(new PutRuleCommand({ Name: 'x' }))).rejects.toThrow(
    'AWSEvents.PutRule is not supported',
  );
  const tried = (EventPattern: object) =>
    client.send(
      new TestEventPatternCommand({ EventPattern: JSON.stringify(EventPattern), Event: '{"source":"shop"}' }),
    );
  expect((await tried({ source: ['shop'] })).Result).toBe(true);
  await expect(tried({ source: [{ cidr: '10.0.0.0/8' }] })).rejects.toMatchObject({
    name: 'InvalidEventPatternException',
  });
});

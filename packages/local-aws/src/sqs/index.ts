/** Dead-letter queues: clients receive and delete the engine's messages through the API of SQS; they cannot send any. */
import { createHash, randomUUID } from 'node:crypto';

import {
  integer,
  list,
  operation,
  operationsOf,
  serveJson,
  ServiceError,
  structure,
  text,
  type Authorize,
} from '../aws-json';
import { Queue, type QueueSettings, type StoredMessage } from './queue';

export type { QueueSettings } from './queue';

export interface SqsOptions {
  readonly account: string;
  readonly queues: readonly QueueSettings[];
  /** Authorizes each request. @default every request is allowed */
  readonly authorize?: Authorize | undefined;
  /** Returns the time in milliseconds since the epoch. @default Date.now */
  readonly nowMs?: () => number;
}

export interface Sqs {
  /** Endpoint for SDK clients (`AWS_ENDPOINT_URL_SQS`). */
  readonly url: string;
  /** @throws Error if there is no such queue */
  send(queueArn: string, body: string, attributes: Readonly<Record<string, string>>): void;
  /** Makes these the queues. A queue that remains keeps its messages. */
  deploy(queues: readonly QueueSettings[]): void;
  close(): Promise<void>;
}

const NAMES = list(text);
const WAIT_STEP_MS = 50;

/** @throws Error if the port is taken */
export async function startSqs(options: SqsOptions): Promise<Sqs> {
  const { account, queues: settings, authorize, nowMs = Date.now } = options;
  let queues = settings.map((queue) => new Queue(queue, nowMs));
  const closing = new AbortController();
  const byUrl = (url: string): Queue => byName(new URL(url, 'http://sqs').pathname.split('/').at(-1) ?? '');
  const byName = (name: string): Queue => {
    const found = queues.find((queue) => queue.settings.name === name);
    if (found !== undefined) return found;
    throw new ServiceError(
      'QueueDoesNotExist',
      `The specified queue does not exist: ${name}`,
      400,
      'AWS.SimpleQueueService.NonExistentQueue',
    );
  };
  const urlOf = (queue: Queue): string => `${server.url}/${account}/${queue.settings.name}`;
  const server = await serveJson({
    target: 'AmazonSQS',
    jsonVersion: '1.0',
    requestBytesMax: 1024 * 1024,
    authorize,
    operations: operationsOf('InvalidParameterValueException', {
      ListQueues: operation(structure({}, { QueueNamePrefix: text }), ({ QueueNamePrefix = '' }) => ({
        QueueUrls: queues.filter(({ settings: { name } }) => name.startsWith(QueueNamePrefix)).map(urlOf),
      })),
      GetQueueUrl: operation(structure({ QueueName: text }, {}), ({ QueueName }) => ({
        QueueUrl: urlOf(byName(QueueName)),
      })),
      GetQueueAttributes: operation(
        structure({ QueueUrl: text }, { AttributeNames: NAMES }),
        ({ QueueUrl, AttributeNames: names = [] }) => {
          const all = Object.entries(byUrl(QueueUrl).attributes());
          return { Attributes: Object.fromEntries(all.filter(([name]) => isRequested(names, name))) };
        },
      ),
      ReceiveMessage: operation(
        structure(
          { QueueUrl: text },
          {
            ...{ MaxNumberOfMessages: integer, VisibilityTimeout: integer, WaitTimeSeconds: integer },
            ...{ AttributeNames: NAMES, MessageSystemAttributeNames: NAMES, MessageAttributeNames: NAMES },
          },
        ),
        async (request) => {
          const {
            MaxNumberOfMessages: count = 1,
            VisibilityTimeout,
            WaitTimeSeconds: waitSeconds = 0,
          } = request;
          requireRange('MaxNumberOfMessages', count, 1, 10);
          requireRange('WaitTimeSeconds', waitSeconds, 0, 20);
          const queue = byUrl(request.QueueUrl);
          const untilMs = Date.now() + waitSeconds * 1000;
          let received = queue.receive(count, VisibilityTimeout);
          while (received.length === 0 && Date.now() < untilMs && !closing.signal.aborted) {
            await new Promise((done) => setTimeout(done, WAIT_STEP_MS));
            received = queue.receive(count, VisibilityTimeout);
          }
          const system = [...(request.AttributeNames ?? []), ...(request.MessageSystemAttributeNames ?? [])];
          const Messages = received.map((message) =>
            view(message, system, request.MessageAttributeNames ?? []),
          );
          return Messages.length === 0 ? {} : { Messages };
        },
      ),
      DeleteMessage: operation(
        structure({ QueueUrl: text, ReceiptHandle: text }, {}),
        ({ QueueUrl, ReceiptHandle }) => {
          byUrl(QueueUrl).delete(ReceiptHandle);
          return {};
        },
      ),
      PurgeQueue: operation(structure({ QueueUrl: text }, {}), ({ QueueUrl }) => {
        byUrl(QueueUrl).purge();
        return {};
      }),
    }),
  });
  return {
    url: server.url,
    send(queueArn, body, attributes) {
      const queue = queues.find(({ settings: { arn } }) => arn === queueArn);
      if (queue === undefined) throw new Error(`Sending failed: there is no queue ${queueArn}.`);
      queue.send({ id: randomUUID(), body, attributes });
    },
    deploy(next) {
      queues = next.map((wanted) => {
        const known = queues.find(({ settings: { name } }) => name === wanted.name);
        known?.configure(wanted);
        return known ?? new Queue(wanted, nowMs);
      });
    },
    close: async () => {
      closing.abort();
      await server.close();
    },
  };
}

const isRequested = (names: readonly string[], name: string): boolean =>
  names.includes('All') || names.includes(name);

function view(message: StoredMessage, system: readonly string[], custom: readonly string[]): object {
  const { id, body, attributes, receiptHandle, receiveCount, sentMs } = message;
  const systemAttributes = Object.entries({
    ApproximateReceiveCount: String(receiveCount),
    SentTimestamp: String(sentMs),
  }).filter(([name]) => isRequested(system, name));
  const wanted = Object.entries(attributes).filter(
    ([name]) => isRequested(custom, name) || isRequested(custom, '.*'),
  );
  return {
    MessageId: id,
    ReceiptHandle: receiptHandle,
    MD5OfBody: createHash('md5').update(body).digest('hex'),
    Body: body,
    ...(systemAttributes.length === 0 ? {} : { Attributes: Object.fromEntries(systemAttributes) }),
    ...(wanted.length === 0
      ? {}
      : {
          MessageAttributes: Object.fromEntries(
            wanted.map(([name, value]) => [name, { DataType: 'String', StringValue: value }]),
          ),
        }),
  };
}

function requireRange(name: string, value: number, min: number, max: number): void {
  if (value >= min && value <= max) return;
  throw new ServiceError(
    'InvalidParameterValueException',
    `Value ${value} for parameter ${name} is invalid. Reason: Must be between ${min} and ${max}.`,
  );
}

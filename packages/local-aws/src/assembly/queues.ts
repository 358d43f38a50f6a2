import { text } from '../aws-json';
import type { QueueSettings } from '../sqs';
import { closed, flag, read, refused, TAGS, whole } from './shapes';

const KEY =
  'key policies are not evaluated, and EventBridge cannot send to a queue that uses the AWS managed key; use SqsManagedSseEnabled';
const FOUR_DAYS_SECONDS = 345_600;

/** A standard queue. Limits: SetQueueAttributes in the SQS API reference. */
const QUEUE = closed(
  {},
  {
    ...{ QueueName: text, Tags: TAGS, SqsManagedSseEnabled: flag },
    ...{ VisibilityTimeout: whole(0, 43_200), MessageRetentionPeriod: whole(60, 1_209_600) },
    ...{ KmsMasterKeyId: refused(KEY), KmsDataKeyReusePeriodSeconds: refused(KEY) },
  },
);

export function readQueue(
  { name, arn }: { name: string; arn: string },
  properties: Readonly<Record<string, unknown>>,
): QueueSettings {
  const { VisibilityTimeout = 30, MessageRetentionPeriod = FOUR_DAYS_SECONDS } = read(QUEUE, properties);
  return {
    name,
    arn,
    visibilitySeconds: Number(VisibilityTimeout),
    retentionSeconds: Number(MessageRetentionPeriod),
  };
}

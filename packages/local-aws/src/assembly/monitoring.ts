/** Reads the alarms, EventBridge rules and queues of a template. */
import { readAlarm, readComposite, type AlarmConfig, type CompositeConfig } from '../cloudwatch';
import { readRule, type Rule } from '../event-bridge';
import type { QueueSettings } from '../sqs';
import { readQueue } from './queues';

export interface RuleResource extends Rule {
  readonly logicalId: string;
  readonly arn: string;
}

export interface MonitoringResources {
  readonly alarms: readonly AlarmConfig[];
  readonly compositeAlarms: readonly CompositeConfig[];
  readonly rules: readonly RuleResource[];
  readonly queues: readonly QueueSettings[];
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] extends readonly (infer I)[] ? I[] : never };

export const newMonitoringResources = (): Mutable<MonitoringResources> => ({
  alarms: [],
  compositeAlarms: [],
  rules: [],
  queues: [],
});

interface Identity {
  readonly logicalId: string;
  readonly name: string;
  readonly arn: string;
}

/**
 * @returns false if the type is not one of these
 * @throws Error with everything in the properties that is wrong or not supported
 */
export function readMonitoringResource(
  type: string,
  identity: Identity,
  properties: Readonly<Record<string, unknown>>,
  found: Mutable<MonitoringResources>,
): boolean {
  const { name: Name, logicalId, arn } = identity;
  switch (type) {
    case 'AWS::CloudWatch::Alarm':
      found.alarms.push(readAlarm({ ...properties, AlarmName: Name }));
      return true;
    case 'AWS::CloudWatch::CompositeAlarm':
      found.compositeAlarms.push(readComposite({ ...properties, AlarmName: Name }));
      return true;
    case 'AWS::Events::Rule':
      found.rules.push({ ...readRule({ ...properties, Name }), logicalId, arn });
      return true;
    case 'AWS::SQS::Queue':
      found.queues.push(readQueue(identity, properties));
      return true;
    default:
      return false;
  }
}

/** EventBridge on this machine: the default bus, rules with targets, and its API. */
import { randomUUID } from 'node:crypto';

import {
  integer,
  number,
  operation,
  operationsOf,
  serveJson,
  ServiceError,
  structure,
  text,
  type Permission,
} from '../aws-json';
import type { Clock } from '../step-functions';
import { systemClock } from '../step-functions/clock';
import { Deliveries, type DeliveryOptions } from './delivery';
import type { Event, ServiceEvent } from './event';
import { LIMITS } from './limits';
import { compilePattern } from './pattern';
import { putEvents, PUT_EVENTS } from './put-events';
import type { Rule } from './rule';

export { DeliveryFailure, type DeadLetter, type DeliveryFaults } from './delivery';
export type { Event, ServiceEvent } from './event';
export { readRule, type Rule, type Target } from './rule';

export interface EventBridgeOptions extends Pick<
  DeliveryOptions,
  'deliver' | 'deadLetter' | 'onProblem' | 'faults'
> {
  readonly region: string;
  readonly account: string;
  readonly partition?: string;
  readonly rules: readonly Rule[];
  /** For the waits between attempts. @default real time */
  readonly clock?: Clock;
  /** Who may ask for what. @default everybody may ask for everything */
  readonly permission?: Permission | undefined;
  /** @default any free one */
  readonly port?: number;
}

export interface EventBridge {
  /** Endpoint for SDK clients (`AWS_ENDPOINT_URL_EVENTBRIDGE`). */
  readonly url: string;
  put(event: ServiceEvent): void;
  /** Deliveries that wait are lost: nothing of them outlives this process. */
  close(): Promise<void>;
}

/** @throws Error if the port is taken */
export async function startEventBridge(options: EventBridgeOptions): Promise<EventBridge> {
  const { region, account, partition = 'aws', rules, clock = systemClock } = options;
  const deliveries = new Deliveries({ ...options, clock });
  const arnOf = (name: string): string => `arn:${partition}:events:${region}:${account}:rule/${name}`;
  const publish = ({ source, detailType, resources, detail, timeMs }: ServiceEvent): string => {
    const event: Event = {
      version: '0',
      id: randomUUID(),
      'detail-type': detailType,
      ...{ source, account },
      time: new Date(timeMs).toISOString().replace(/\.\d+Z$/, 'Z'),
      ...{ region, resources, detail },
    };
    for (const rule of rules) {
      if (!rule.enabled || !rule.matches(event)) continue;
      for (const target of rule.targets) {
        deliveries.start({ name: rule.name, arn: arnOf(rule.name) }, target, event);
      }
    }
    return event.id;
  };
  const server = await serveJson({
    target: 'AWSEvents',
    jsonVersion: '1.1',
    requestBytesMax: LIMITS.requestBytesMax,
    port: options.port,
    permission: options.permission,
    operations: operationsOf('ValidationException', {
      PutEvents: operation(PUT_EVENTS, (request) => putEvents(request, publish, clock.nowMs())),
      ...readOperations(rules, arnOf),
    }),
  });
  return {
    url: server.url,
    put: (event) => void publish(event),
    close: async () => {
      await server.close();
      await deliveries.close();
    },
  };
}

const BUS = { EventBusName: text };

function readOperations(rules: readonly Rule[], arnOf: (name: string) => string) {
  const find = (name: string, bus = 'default'): Rule => {
    const found = rules.find((rule) => rule.name === name && bus === 'default');
    if (found !== undefined) return found;
    throw new ServiceError('ResourceNotFoundException', `Rule ${name} does not exist on EventBus ${bus}.`);
  };
  const view = ({ name, given }: Rule): object => ({
    Name: name,
    Arn: arnOf(name),
    EventPattern: JSON.stringify(given.EventPattern),
    State: given.State ?? 'ENABLED',
    ...(given.Description === undefined ? {} : { Description: given.Description }),
    EventBusName: 'default',
  });
  return {
    ListRules: operation(
      structure({}, { NamePrefix: text, Limit: number, ...BUS }),
      ({ NamePrefix = '', Limit = 100 }) => ({
        Rules: rules
          .filter(({ name }) => name.startsWith(NamePrefix))
          .slice(0, Limit)
          .map(view),
      }),
    ),
    DescribeRule: operation(structure({ Name: text }, BUS), ({ Name, EventBusName }) =>
      view(find(Name, EventBusName)),
    ),
    ListTargetsByRule: operation(
      structure({ Rule: text }, { Limit: integer, ...BUS }),
      ({ Rule: name, EventBusName }) => ({
        Targets: find(name, EventBusName).targets.map(({ given }) => given),
      }),
    ),
    TestEventPattern: operation(
      structure({ EventPattern: text, Event: text }, {}),
      ({ EventPattern, Event: event }) => {
        try {
          return { Result: compilePattern(JSON.parse(EventPattern))(JSON.parse(event)) };
        } catch (error) {
          throw new ServiceError(
            'InvalidEventPatternException',
            `Event pattern is not valid. Reason: ${(error as Error).message}`,
          );
        }
      },
    ),
  };
}

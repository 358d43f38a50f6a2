/** The local EventBridge: the default bus, rules with targets, and the API. */
import { randomUUID } from 'node:crypto';

import {
  oneOf,
  operation,
  operationsOf,
  serveJson,
  ServiceError,
  structure,
  text,
  type Authorize,
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
  /** Times the waits between attempts. @default real time */
  readonly clock?: Clock;
  /** Authorizes each request. @default every caller may call every operation */
  readonly authorize?: Authorize | undefined;
  /** @default a free port */
  readonly port?: number;
}

export interface EventBridge {
  /** The endpoint for SDK clients (`AWS_ENDPOINT_URL_EVENTBRIDGE`). */
  readonly url: string;
  put(event: ServiceEvent): void;
  /** Makes these the rules for later events. Deliveries that have started continue. */
  deploy(rules: readonly Rule[]): void;
  /** Stops the service. Waiting deliveries are lost, because they exist only in this process. */
  close(): Promise<void>;
}

/** @throws Error if the port is in use */
export async function startEventBridge(options: EventBridgeOptions): Promise<EventBridge> {
  const { region, account, partition = 'aws', clock = systemClock } = options;
  let { rules } = options;
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
    authorize: options.authorize,
    operations: operationsOf('ValidationException', {
      PutEvents: operation(PUT_EVENTS, (request) => putEvents(request, publish, clock.nowMs())),
      ...readOperations(() => rules, arnOf),
    }),
  });
  return {
    url: server.url,
    put: (event) => void publish(event),
    deploy: (next) => void (rules = next),
    close: async () => {
      await server.close();
      await deliveries.close();
    },
  };
}

const BUS = { EventBusName: oneOf('default') };

function readOperations(rules: () => readonly Rule[], arnOf: (name: string) => string) {
  const find = (wanted: string): Rule => {
    const found = rules().find(({ name }) => name === wanted);
    if (found !== undefined) return found;
    throw new ServiceError('ResourceNotFoundException', `Rule ${wanted} does not exist on EventBus default.`);
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
    ListRules: operation(structure({}, { NamePrefix: text, ...BUS }), ({ NamePrefix = '' }) => ({
      Rules: rules()
        .filter(({ name }) => name.startsWith(NamePrefix))
        .map(view),
    })),
    DescribeRule: operation(structure({ Name: text }, BUS), ({ Name }) => view(find(Name))),
    ListTargetsByRule: operation(structure({ Rule: text }, BUS), ({ Rule: name }) => ({
      Targets: find(name).targets.map(({ given }) => given),
    })),
    TestEventPattern: operation(
      structure({ EventPattern: text, Event: text }, {}),
      ({ EventPattern, Event: event }) => ({ Result: testPattern(EventPattern, event) }),
    ),
  };
}

function testPattern(pattern: string, event: string): boolean {
  try {
    return compilePattern(JSON.parse(pattern))(JSON.parse(event));
  } catch (error) {
    throw new ServiceError(
      'InvalidEventPatternException',
      `Event pattern is not valid. Reason: ${(error as Error).message}`,
    );
  }
}

/** The local CloudWatch: metrics from log lines and PutMetricData, alarms on them, and the API. */
import { isDeepStrictEqual } from 'node:util';

import { operation, operationsOf, serveJson, type Authorize } from '../aws-json';
import type { AlarmConfig } from './alarm-config';
import { alarmOperations } from './alarm-operations';
import { Alarms, type ServiceEvent } from './alarms';
import type { CompositeConfig } from './composite';
import { readEmf } from './emf';
import type { AlarmState } from './evaluation';
import { LIMITS } from './limits';
import { LogReader, type LogSource } from './log-reader';
import type { Sample } from './metric';
import { MetricStore } from './metric-store';
import { PUT_METRIC_DATA, samplesOf } from './put-metric-data';
import { readOperations } from './read-operations';

export { readAlarm, type AlarmConfig } from './alarm-config';
export type { ServiceEvent } from './alarms';
export { readComposite, type CompositeConfig } from './composite';

export interface CloudWatchOptions {
  readonly region: string;
  readonly account: string;
  readonly partition?: string;
  /** Log files whose lines may contain embedded metrics. */
  readonly logs: readonly LogSource[];
  readonly alarms: readonly AlarmConfig[];
  readonly composites: readonly CompositeConfig[];
  /** Receives the events that CloudWatch publishes to EventBridge. */
  readonly onEvent: (event: ServiceEvent) => void;
  /** Receives a message for each log line that CloudWatch would drop silently, and each alarm with unpredictable state. */
  readonly onProblem: (problem: string) => void;
  /** Returns how long the next sample is invisible to queries and alarms. Called for each. @default no delay */
  readonly metricDelayMs?: (() => number) | undefined;
  /** Milliseconds since the epoch. @default the system clock */
  readonly nowMs?: (() => number) | undefined;
  /** Authorizes each request. @default every caller may call every operation */
  readonly authorize?: Authorize | undefined;
  /** @default a free port */
  readonly port?: number;
}

export interface CloudWatch {
  /** The endpoint for SDK clients (`AWS_ENDPOINT_URL_CLOUDWATCH`). */
  readonly url: string;
  /** Records metrics of AWS's own services. */
  record(samples: readonly ServiceSample[]): void;
  /** Reads the logs and evaluates alarms for every second that has passed. A timer calls it too. */
  advance(): void;
  /** Returns undefined if the alarm does not exist. */
  stateOf(alarmName: string): AlarmState | undefined;
  /** @throws Error if a composite alarm names an alarm that does not exist, or itself */
  requireDeployable(deployment: AlarmDeployment): void;
  /** Creates, updates and deletes alarms as CloudFormation does, and reads further logs. An alarm that does not change keeps everything. */
  deploy(deployment: AlarmDeployment): void;
  close(): Promise<void>;
}

/** The alarms of a deployment. */
export interface AlarmDeployment {
  readonly alarms: readonly AlarmConfig[];
  readonly composites: readonly CompositeConfig[];
  readonly logs: readonly LogSource[];
}

/** One value at the current time. */
export interface ServiceSample extends Pick<Sample['metric'], 'namespace' | 'name' | 'dimensions'> {
  readonly unit: string;
  readonly value: number;
}

const ADVANCE_MS = 250;
const SECOND_MS = 1000;

/** @throws Error if the port is in use or a composite alarm names an alarm that does not exist */
export async function startCloudWatch(options: CloudWatchOptions): Promise<CloudWatch> {
  const { nowMs = Date.now, onProblem, onEvent, partition = 'aws', region, account } = options;
  const store = new MetricStore(options.metricDelayMs ?? (() => 0));
  const arnOf = (name: string): string => `arn:${partition}:cloudwatch:${region}:${account}:alarm:${name}`;
  const alarms = new Alarms({ arnOf, store, onEvent, onProblem });
  let readers = options.logs.map((source) => new LogReader(source));
  let deployed: AlarmDeployment = options;
  const putAll = (samples: readonly Sample[]): void =>
    samples.forEach((sample) => store.put(sample, nowMs()));
  const record = (samples: readonly ServiceSample[]): void =>
    putAll(samples.map((sample) => ({ ...sampleOf(sample), atMs: nowMs() })));

  const readLogs = (): void => {
    for (const reader of readers) {
      const { logGroup } = reader.source;
      for (const line of reader.lines()) {
        const read = readEmf(line, nowMs());
        if (read === undefined) continue;
        if ('samples' in read) {
          putAll(read.samples);
          continue;
        }
        const dimensions = { LogGroupName: logGroup };
        record([{ namespace: 'AWS/Logs', name: read.failure, dimensions, unit: 'None', value: 1 }]);
        onProblem(`CloudWatch drops metrics of ${logGroup}: ${read.problems.join('; ')}`);
      }
    }
  };
  let evaluatedMs = Math.floor(nowMs() / SECOND_MS) * SECOND_MS;
  const advance = (): void => {
    readLogs();
    while (evaluatedMs + SECOND_MS <= nowMs()) {
      evaluatedMs += SECOND_MS;
      store.settle(evaluatedMs);
      alarms.evaluateAt(evaluatedMs);
    }
    store.settle(nowMs());
  };

  for (const alarm of options.alarms) alarms.put(alarm, nowMs());
  for (const composite of childrenFirst(options.composites)) alarms.putComposite(composite, nowMs());
  const server = await serveJson({
    target: 'GraniteServiceVersion20100801',
    jsonVersion: '1.0',
    requestBytesMax: LIMITS.requestBytesMax,
    port: options.port,
    authorize: options.authorize,
    beforeEach: advance,
    operations: operationsOf('InvalidParameterValueException', {
      PutMetricData: operation(PUT_METRIC_DATA, (request) => {
        putAll(samplesOf(request, nowMs()));
        return {};
      }),
      ...readOperations({ store, nowMs }),
      ...alarmOperations({ alarms, nowMs }),
    }),
  });
  const timer = setInterval(advance, ADVANCE_MS);
  return {
    url: server.url,
    record,
    advance,
    stateOf: (name) => alarms.all.get(name)?.state.value,
    requireDeployable: (deployment) => {
      const trial = new Alarms({ arnOf, store, onEvent: () => undefined, onProblem: () => undefined });
      deployAlarms(trial, { alarms: [], composites: [] }, deployment, nowMs());
    },
    deploy: (deployment) => {
      advance();
      deployAlarms(alarms, deployed, deployment, nowMs());
      readers = deployment.logs.map(
        (source) => readers.find((reader) => reader.source.file === source.file) ?? new LogReader(source),
      );
      deployed = deployment;
    },
    close: async () => {
      clearInterval(timer);
      await server.close();
    },
  };
}

/** Puts what differs from the last deployment, then deletes what it no longer has: parents first, as their children are in use. */
function deployAlarms(
  alarms: Alarms,
  before: Pick<AlarmDeployment, 'alarms' | 'composites'>,
  { alarms: metricAlarms, composites }: Pick<AlarmDeployment, 'alarms' | 'composites'>,
  nowMs: number,
): void {
  const isNew = <Config extends AlarmConfig | CompositeConfig>(known: readonly Config[], config: Config) =>
    !isDeepStrictEqual(known.find(({ name }) => name === config.name)?.given, config.given);
  for (const alarm of metricAlarms) if (isNew(before.alarms, alarm)) alarms.put(alarm, nowMs);
  for (const composite of childrenFirst(composites))
    if (isNew(before.composites, composite)) alarms.putComposite(composite, nowMs);
  const names = [...metricAlarms, ...composites].map(({ name }) => name);
  for (const { name } of [...childrenFirst(before.composites).reverse(), ...before.alarms])
    if (!names.includes(name)) alarms.remove(name, nowMs);
}

function sampleOf({ namespace, name, dimensions, unit, value }: ServiceSample): Omit<Sample, 'atMs'> {
  return {
    metric: { namespace, name, dimensions },
    unit,
    resolutionSeconds: 60,
    values: [{ value, count: 1 }],
  };
}

/** Sorts children before their parents: a composite alarm may be a child of another, in any order of the template. */
function childrenFirst(composites: readonly CompositeConfig[]): CompositeConfig[] {
  const sorted: CompositeConfig[] = [];
  const visit = (composite: CompositeConfig, path: readonly string[]): void => {
    if (sorted.includes(composite)) return;
    if (path.includes(composite.name)) throw new Error(`the rule of ${composite.name} refers to itself`);
    for (const child of composites.filter(({ name }) => composite.children.includes(name)))
      visit(child, [...path, composite.name]);
    sorted.push(composite);
  };
  for (const composite of composites) visit(composite, []);
  return sorted;
}

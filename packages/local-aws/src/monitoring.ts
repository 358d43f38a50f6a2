/** Starts CloudWatch, EventBridge and SQS for an assembly, and connects them to its functions and state machines. */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';

import type { Assembly } from './assembly';
import { startCloudWatch, type AlarmDeployment, type CloudWatch, type ServiceSample } from './cloudwatch';
import {
  DeliveryFailure,
  startEventBridge,
  type DeliveryFaults,
  type Event,
  type EventBridge,
  type Target,
} from './event-bridge';
import type { Authorizer } from './iam';
import { InvocationError, type LambdaHost, type LambdaMetric } from './lambda';
import { startSqs } from './sqs';
import { ServiceError, type ExecutionRecord, type StepFunctions } from './step-functions';

/** Faults that the caller injects between a metric and the target that its alarm starts. */
export interface MonitoringFaults {
  /** Returns how long the next sample of a metric is invisible. */
  readonly metricDelayMs?: (() => number) | undefined;
  readonly delivery?: DeliveryFaults | undefined;
}

export interface MonitoringOptions extends MonitoringFaults {
  readonly assembly: Assembly;
  readonly stateDirectory: string;
  readonly authorizer: Authorizer;
  readonly lambda: Pick<LambdaHost, 'sendEvent'>;
  readonly stepFunctions: Pick<StepFunctions, 'startExecution'>;
  readonly onProblem: (problem: string) => void;
}

export interface Monitoring {
  /** The `AWS_ENDPOINT_URL_*` variables of the three services. */
  readonly endpoints: Readonly<Record<string, string>>;
  readonly cloudWatch: CloudWatch;
  readonly eventBridge: EventBridge;
  /** Records the metrics and publishes the event of an execution whose status has changed. */
  recordExecution(record: ExecutionRecord): void;
  /** Records a metric of a function. */
  recordMetric(metric: LambdaMetric): void;
  /** @throws Error if an alarm could not be created */
  requireDeployable(assembly: Assembly): void;
  /** Applies the queues, rules and alarms of another assembly. */
  deploy(assembly: Assembly): void;
  close(): Promise<void>;
}

/** @throws Error if a port is in use or an alarm names an alarm that does not exist */
export async function startMonitoring(options: MonitoringOptions): Promise<Monitoring> {
  const { assembly, authorizer, onProblem, stateDirectory } = options;
  const { partition, region, account } = assembly;
  let { rules } = assembly;
  const place = { partition, region, account };
  const closers: (() => Promise<void>)[] = [];
  const close = async (): Promise<void> => {
    for (const closer of closers.splice(0).reverse()) await closer();
  };
  try {
    const queues = assembly.queues;
    const sqs = await startSqs({ account, queues, authorize: authorizer.forService('sqs') });
    closers.push(() => sqs.close());
    const eventBridge = await startEventBridge({
      ...place,
      rules,
      deliver: (target, input, event, rule) => deliver(options, rule.name, target, input, event),
      deadLetter: ({ queueArn, body, attributes }) => sqs.send(queueArn, body, attributes),
      faults: options.delivery,
      authorize: authorizer.forService('events'),
      onProblem,
    });
    closers.push(() => eventBridge.close());
    const cloudWatch = await startCloudWatch({
      ...place,
      ...watchedBy(assembly, stateDirectory),
      onEvent: (event) => eventBridge.put(event),
      metricDelayMs: options.metricDelayMs,
      authorize: authorizer.forService('cloudwatch'),
      onProblem,
    });
    closers.push(() => cloudWatch.close());
    return {
      endpoints: {
        AWS_ENDPOINT_URL_CLOUDWATCH: cloudWatch.url,
        AWS_ENDPOINT_URL_EVENTBRIDGE: eventBridge.url,
        AWS_ENDPOINT_URL_SQS: sqs.url,
      },
      cloudWatch,
      eventBridge,
      recordExecution(record) {
        cloudWatch.record(executionMetrics(record));
        // Skipped without rules, because a Map Run may have thousands of children.
        if (rules.length > 0) eventBridge.put(executionEvent(record));
      },
      recordMetric: (metric) => cloudWatch.record(functionMetrics(metric)),
      requireDeployable: (next) => cloudWatch.requireDeployable(watchedBy(next, stateDirectory)),
      deploy(next) {
        ({ rules } = next);
        sqs.deploy(next.queues);
        eventBridge.deploy(rules);
        cloudWatch.deploy(watchedBy(next, stateDirectory));
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The logs and alarms of an assembly. A retained function has a log, too. */
function watchedBy({ alarms, compositeAlarms, stack }: Assembly, stateDirectory: string): AlarmDeployment {
  const logs = Object.keys(stack.functions).map((name) => ({
    logGroup: `/aws/lambda/${name}`,
    file: join(stateDirectory, 'logs', `${name}.log`),
  }));
  return { alarms, composites: compositeAlarms, logs };
}

/** A version or an alias has metrics of its own, which also count for its function. */
function functionMetrics({ functionName, qualifier, name, value }: LambdaMetric): ServiceSample[] {
  const unit = name === 'Duration' ? 'Milliseconds' : 'Count';
  const sample = (dimensions: Readonly<Record<string, string>>): ServiceSample => ({
    ...{ namespace: 'AWS/Lambda', name, dimensions, value, unit },
  });
  const whole = sample({ FunctionName: functionName });
  if (qualifier === undefined) return [whole];
  return [whole, sample({ FunctionName: functionName, Resource: `${functionName}:${qualifier}` })];
}

/** Returns the roles with which rules start their targets, for IAM. */
export function ruleRoleHolders({ rules }: Assembly) {
  return rules.flatMap(({ logicalId, name, arn, targets }) =>
    targets.flatMap(({ roleArn }) => (roleArn === undefined ? [] : [{ logicalId, name, arn, roleArn }])),
  );
}

const EXECUTION_NAME_LENGTH_MAX = 80;

async function deliver(
  { authorizer, lambda, stepFunctions }: MonitoringOptions,
  ruleName: string,
  target: Target,
  text: string,
  event: Event,
): Promise<void> {
  const input = JSON.parse(text) as unknown;
  if (target.roleArn !== undefined) {
    const caller = { name: ruleName, roleArn: target.roleArn };
    const denied = authorizer.authorizeRole(caller, 'states', 'StartExecution', {
      stateMachineArn: target.arn,
    });
    if (denied !== undefined) throw new DeliveryFailure('NO_PERMISSIONS', denied.message, false);
  }
  try {
    if (target.kind === 'function') return void (await lambda.sendEvent(target.arn, input));
    // Each attempt has a new name, so that a duplicate delivery starts a second execution.
    const name = `${event.id}_${randomUUID()}`.slice(0, EXECUTION_NAME_LENGTH_MAX);
    stepFunctions.startExecution({ stateMachineArn: target.arn, name, input });
  } catch (error) {
    throw failureOf(error);
  }
}

function failureOf(error: unknown): DeliveryFailure {
  const { name, message } = error as Error;
  if (!(error instanceof InvocationError) && !(error instanceof ServiceError))
    return new DeliveryFailure('UNKNOWN', message, true);
  if (/DoesNotExist|NotFound/.test(name)) return new DeliveryFailure('NO_RESOURCE', message, false);
  if (/Throttl|TooManyRequests|LimitExceeded/.test(name))
    return new DeliveryFailure('THROTTLING', message, true);
  return new DeliveryFailure('INVALID_PARAMETER', message, false);
}

const BY_STATUS = {
  SUCCEEDED: 'ExecutionsSucceeded',
  FAILED: 'ExecutionsFailed',
  TIMED_OUT: 'ExecutionsTimedOut',
  ABORTED: 'ExecutionsAborted',
} as const;

/** Returns metrics, except for children of Map Runs: AWS does not document which state machine they belong to. */
function executionMetrics({
  stateMachineArn,
  outcome,
  startMs,
  mapRunArn,
}: ExecutionRecord): ServiceSample[] {
  if (mapRunArn !== undefined) return [];
  const common = { namespace: 'AWS/States', dimensions: { StateMachineArn: stateMachineArn } };
  const counted = (name: string, value: number): ServiceSample => ({ ...common, name, unit: 'Count', value });
  // AWS emits this metric twice, so that only its sum is right.
  if (outcome === undefined) return [counted('ExecutionsStarted', 1), counted('ExecutionsStarted', 0)];
  const durationMs = outcome.stopMs - startMs;
  return [
    counted(BY_STATUS[outcome.status], 1),
    { ...common, name: 'ExecutionTime', unit: 'Milliseconds', value: durationMs },
  ];
}

const EVENT_DATA_BYTES_MAX = 248 * 1024;
const escapedBytes = (text: string): number => Buffer.byteLength(JSON.stringify(text));

/** Builds the event of https://docs.aws.amazon.com/step-functions/latest/dg/eventbridge-integration.html */
function executionEvent(record: ExecutionRecord): Parameters<EventBridge['put']>[0] {
  const { executionArn, stateMachineArn, name, startMs, outcome, redriveCount = 0, redriveMs } = record;
  const status = outcome?.status ?? 'RUNNING';
  const redrivable = status !== 'RUNNING' && status !== 'SUCCEEDED';
  const outputBytes = outcome?.output === undefined ? 0 : escapedBytes(outcome.output);
  const hasOutput = outputBytes <= EVENT_DATA_BYTES_MAX;
  const hasInput = escapedBytes(record.input) + outputBytes <= EVENT_DATA_BYTES_MAX;
  return {
    source: 'aws.states',
    detailType: 'Step Functions Execution Status Change',
    resources: [executionArn],
    timeMs: outcome?.stopMs ?? redriveMs ?? startMs,
    detail: {
      ...{ executionArn, stateMachineArn, name, status, startDate: startMs },
      stopDate: outcome?.stopMs ?? null,
      input: hasInput ? record.input : null,
      inputDetails: { included: hasInput },
      output: hasOutput ? (outcome?.output ?? null) : null,
      outputDetails: outcome?.output === undefined ? null : { included: hasOutput },
      stateMachineVersionArn: record.stateMachineVersionArn ?? null,
      stateMachineAliasArn: record.stateMachineAliasArn ?? null,
      redriveCount,
      redriveDate: redriveMs === undefined ? null : new Date(redriveMs).toISOString(),
      redriveStatus: redrivable ? 'REDRIVABLE' : 'NOT_REDRIVABLE',
      redriveStatusReason: redrivable
        ? `Execution is ${status} and is redrivable`
        : `Execution is ${status} and cannot be redriven`,
      error: outcome?.error ?? null,
      cause: outcome?.cause ?? null,
    },
  };
}

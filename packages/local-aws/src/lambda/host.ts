/** Runs the functions of an assembly in child processes that see only the function's own environment variables. */
import { transformSync } from 'esbuild';
import { randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

import type { FunctionResource, FunctionState } from '../assembly';
import type { Authorize } from '../iam';
import { ACCOUNT_CONCURRENCY, Concurrency } from './concurrency';
import type { LambdaCounters } from './counters';
import { createEndpoint } from './endpoint';
import type { StartedInvocation } from './environment';
import { EventQueue, REAL_CLOCK, type EventClock } from './events';
import type { FunctionPool, InvocationResponse, LambdaMetric } from './function-pool';
import { Functions } from './functions';
import { requireDeployable } from './limits';
import { environmentVariables } from './variables';

export interface LambdaHostOptions {
  /** The functions with their versions and aliases, by name. */
  readonly functions: Readonly<Record<string, FunctionState>>;
  readonly region: string;
  /** Holds `logs/<function>.log` and the compiled runtime. */
  readonly stateDirectory: string;
  /** Returns the `AWS_ENDPOINT_URL_*` variables of a new environment of the function. */
  readonly endpoints: (functionName: string) => Readonly<Record<string, string>>;
  /** Returns the credentials of a function or version, as variables. @default the operator's */
  readonly credentialsOf?: (resource: FunctionResource) => Readonly<Record<string, string>>;
  /** Authorizes each HTTP request. @default every request is allowed */
  readonly authorize?: Authorize;
  /** Port of the Invoke endpoint. @default a free one */
  readonly port?: number;
  /** An environment that was idle for this long is closed. @default one minute */
  readonly idleMsMax?: number;
  /** Concurrent invocations of all functions. @default 1,000 */
  readonly accountConcurrency?: number;
  /** For the waits between the attempts of Event invocations. @default real time */
  readonly clock?: EventClock;
  /** Called for every invocation that starts, so that faults can be injected. */
  readonly onInvocation?: ((invocation: StartedInvocation) => void) | undefined;
  /** Runs each attempt of an event, so that faults can be injected. @default runs it unchanged */
  readonly runAttempt?: RunAttempt | undefined;
  /** Receives the metrics of each invocation. */
  readonly onMetric?: ((metric: LambdaMetric) => void) | undefined;
}

/** Runs one attempt. @throws InvocationError if the attempt failed, or an injected fault fails it */
export type RunAttempt = <Result>(functionName: string, run: () => Promise<Result>) => Promise<Result>;

/** The result of a synchronous invocation, as Step Functions needs it. */
export interface InvokeResult {
  /** The handler's result, parsed. */
  readonly payload: unknown;
  readonly requestId: string;
  readonly statusCode: number;
  readonly executedVersion: string;
}

export interface RunningEnvironment {
  readonly functionName: string;
  /** The number of a published version, or `$LATEST`. */
  readonly version: string;
  readonly pid: number;
  /** The invocation it runs now; undefined if idle. */
  readonly requestId: string | undefined;
}

export interface LambdaHost {
  readonly url: string;
  /**
   * Invokes a function by name or ARN, which may have a qualifier. When the signal aborts, the caller stops waiting, but the function continues,
   * as in AWS.
   *
   * @throws InvocationError whose `name` is the States error name and whose `message` is its Cause
   */
  invokeLambda(
    functionArnOrName: string,
    payload: unknown,
    options?: { signal?: AbortSignal },
  ): Promise<InvokeResult>;
  /**
   * Queues an event and returns immediately, as Lambda does with 202. If the function fails, the event is retried after 1 and 2
   * minutes; if it is throttled, for 6 hours. Waiting events do not survive this process.
   *
   * @throws InvocationError if there is no such function, or the payload is over 1 MB
   */
  sendEvent(functionArnOrName: string, payload: unknown): Promise<{ requestId: string; statusCode: number }>;
  /** Lists the running processes, so that a test can kill one. */
  environments(): RunningEnvironment[];
  /** Starts environments of a function before they are needed. */
  warm(functionArnOrName: string, count: number): Promise<void>;
  /** By function name, each for all of its versions. */
  counters(): Record<string, LambdaCounters>;
  /** Makes the account hold exactly these functions. Running invocations end undisturbed, on the version that they started with. */
  apply(functions: Readonly<Record<string, FunctionState>>): void;
  /** Kills every environment. */
  close(): Promise<void>;
}

const IDLE_MS_MAX = 60_000;

/** @throws Error if a function is over a limit, the port is taken or the state directory cannot be written */
export async function startLambdaHost(options: LambdaHostOptions): Promise<LambdaHost> {
  const accountConcurrency = options.accountConcurrency ?? ACCOUNT_CONCURRENCY;
  requireDeployable(latestOf(options.functions), accountConcurrency);
  const concurrency = new Concurrency(accountConcurrency, latestOf(options.functions));
  const functions = new Functions({
    concurrency,
    stateDirectory: options.stateDirectory,
    runtimeFile: compileRuntime(join(options.stateDirectory, 'lambda')),
    idleMsMax: options.idleMsMax ?? IDLE_MS_MAX,
    onInvocation: options.onInvocation,
    onMetric: options.onMetric,
    variablesOf: (resource, version) => variablesOf(resource, version, options),
  });
  functions.apply(options.functions);
  const invoke = async (name: string, payload: string, requestId?: string): Promise<InvocationResponse> => {
    const { pool, qualifier } = functions.find(name);
    return pool.invoke({ payload, requestId, qualifier });
  };
  const { runAttempt = (_name, run) => run() } = options;
  const events = new EventQueue({
    attempt: ({ functionName, qualifier, payload, requestId }) => {
      const name = [functionName, qualifier].filter(Boolean).join(':');
      return runAttempt(functionName, () => invoke(name, payload, requestId));
    },
    clock: options.clock ?? REAL_CLOCK,
    onFailure: ({ functionName }, then) => functions.countEvent(functionName, then),
  });
  const send = (name: string, payload: string): string => {
    const { pool, qualifier } = functions.find(name);
    const requestId = randomUUID();
    events.take({ functionName: pool.resource.name, qualifier, payload, requestId });
    return requestId;
  };
  const server = createEndpoint({ invoke, send, find: (name) => functions.find(name) }, options.authorize);
  await new Promise<void>((done, fail) => {
    server.once('error', fail);
    server.listen(options.port ?? 0, '127.0.0.1', done);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    invokeLambda: async (functionArnOrName, payload, { signal } = {}) => {
      signal?.throwIfAborted();
      const invoked = invoke(functionArnOrName, JSON.stringify(payload ?? null));
      const { payload: text, ...response } = await (signal === undefined
        ? invoked
        : untilAborted(invoked, signal));
      return { ...response, payload: JSON.parse(text) as unknown, statusCode: 200 };
    },
    sendEvent: async (functionArnOrName, payload) => {
      return { requestId: send(functionArnOrName, JSON.stringify(payload ?? null)), statusCode: 202 };
    },
    environments: () => functions.pools().flatMap(environmentsOf),
    warm: async (functionArnOrName, count) => functions.find(functionArnOrName).pool.warm(count),
    counters: () => functions.counters(),
    apply: (states) => {
      concurrency.reserve(latestOf(states));
      functions.apply(states);
    },
    close: async () => {
      server.closeAllConnections();
      const eventsEnded = events.close();
      await functions.close();
      await eventsEnded;
      await new Promise<void>((done) => server.close(() => done()));
    },
  };
}

const latestOf = (functions: Readonly<Record<string, FunctionState>>): FunctionResource[] =>
  Object.values(functions).map(({ latest }) => latest);

function variablesOf(
  resource: FunctionResource,
  version: string,
  { region, endpoints, credentialsOf, stateDirectory }: LambdaHostOptions,
): Record<string, string> {
  return {
    ...environmentVariables(resource, version, region, endpoints(resource.name)),
    ...credentialsOf?.(resource),
    LOCAL_AWS_COMPILE_CACHE: join(stateDirectory, 'lambda', 'compile-cache'),
  };
}

/** Environments run plain Node.js, without the loaders of this process. */
function compileRuntime(directory: string): string {
  mkdirSync(directory, { recursive: true });
  const source = readFileSync(join(__dirname, 'runtime.ts'), 'utf8');
  const file = join(directory, 'runtime.cjs');
  writeFileSync(
    file,
    transformSync(source, { loader: 'ts', format: 'cjs', platform: 'node', target: 'node20' }).code,
  );
  return file;
}

function environmentsOf(pool: FunctionPool): RunningEnvironment[] {
  return pool.list().flatMap(({ pid, requestId }) => {
    const { resource, version } = pool;
    return pid === undefined ? [] : [{ functionName: resource.name, version, pid, requestId }];
  });
}

async function untilAborted<T>(invoked: Promise<T>, signal: AbortSignal): Promise<T> {
  // After an abort, the invocation continues unobserved, and its failure is ignored.
  invoked.catch(() => undefined);
  let stop: () => void = () => undefined;
  const aborted = new Promise<never>((_done, fail) => {
    stop = () => fail(signal.reason instanceof Error ? signal.reason : new Error(String(signal.reason)));
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([invoked, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** Manages the execution environments of one version of a function: reuses warm ones, closes idle ones and counts invocations. */
import { randomBytes, randomUUID } from 'node:crypto';

import type { FunctionResource } from '../assembly';
import { ExecutionEnvironment, type Outcome, type StartedInvocation } from './environment';
import type { Concurrency } from './concurrency';
import { functionFailure, InvocationError, serviceRefusal, throttled } from './errors';
import type { FunctionShare } from './function-share';

export interface PoolOptions {
  readonly resource: FunctionResource;
  /** The number of a published version, or `$LATEST`. */
  readonly version: string;
  readonly share: FunctionShare;
  /** Shared by all functions in the account. */
  readonly concurrency: Concurrency;
  readonly runtimeFile: string;
  /** Called for each new environment, because endpoints may be known late. */
  readonly variablesOf: (resource: FunctionResource, version: string) => Readonly<Record<string, string>>;
  /** An environment that was idle for this long is closed. */
  readonly idleMsMax: number;
  /** Called for every invocation that starts. */
  readonly onInvocation?: ((invocation: StartedInvocation) => void) | undefined;
  /** Receives the metrics of each invocation. */
  readonly onMetric?: ((metric: LambdaMetric) => void) | undefined;
}

/** One value of a metric in the namespace AWS/Lambda. */
export interface LambdaMetric {
  readonly functionName: string;
  /** The version or alias that was invoked; undefined for an unqualified name. */
  readonly qualifier: string | undefined;
  readonly name: 'Invocations' | 'Errors' | 'Throttles' | 'Duration';
  /** A count, or milliseconds. */
  readonly value: number;
}

export interface InvocationResponse {
  readonly requestId: string;
  /** The handler's result as JSON text. */
  readonly payload: string;
  /** The number of a published version, or `$LATEST`. */
  readonly executedVersion: string;
}

/** How a caller invokes a function. */
export interface Invocation {
  /** JSON text. */
  readonly payload: string;
  /** A retry has the request id of the first attempt. @default a new one */
  readonly requestId?: string | undefined;
  /** The version or alias in the name that was invoked; undefined for an unqualified name. */
  readonly qualifier?: string | undefined;
}

/** Synchronous invocations, request and response alike (Lambda's MB are 1,024 KB). */
export const PAYLOAD_BYTES_MAX = 6 * 1024 * 1024;

export class FunctionPool {
  private readonly environments = new Set<ExecutionEnvironment>();
  /** The last released environment is reused first, so that the others become idle and are closed. */
  private readonly idle: { environment: ExecutionEnvironment; sinceMs: number }[] = [];
  private readonly sweeper: NodeJS.Timeout;
  private closed = false;
  private retired = false;

  /** Changes only in its code directory. */
  resource: FunctionResource;

  constructor(private readonly options: PoolOptions) {
    this.resource = options.resource;
    this.sweeper = setInterval(() => this.closeIdle(), Math.max(50, options.idleMsMax / 4));
    this.sweeper.unref();
  }

  get version(): string {
    return this.options.version;
  }

  /** Starts further environments from another directory that holds the same code. */
  locate(codeDirectory: string): void {
    this.resource = { ...this.resource, codeDirectory };
  }

  list(): ExecutionEnvironment[] {
    return [...this.environments];
  }

  /** Starts environments until this many are idle, and waits until they are loaded. */
  async warm(count: number): Promise<void> {
    const started = Array.from({ length: count - this.idle.length }, () => this.start());
    for (const environment of started) this.idle.push({ environment, sinceMs: performance.now() });
    await Promise.all(started.map((environment) => environment.ready()));
  }

  /** @throws InvocationError */
  async invoke({ payload, requestId = randomUUID(), qualifier }: Invocation): Promise<InvocationResponse> {
    const release = this.admit(requestId, payload, qualifier);
    let outcome: Outcome;
    let environment: ExecutionEnvironment;
    try {
      environment = this.take();
      this.options.share.write(`START RequestId: ${requestId} Version: ${this.version}\n`);
      const functionArn = [this.resource.arn, qualifier].filter(Boolean).join(':');
      outcome = await environment.invoke({ requestId, payload, functionArn, traceId: traceId() });
    } finally {
      release();
    }
    this.putBack(environment);
    const result = this.checked(requestId, outcome);
    this.count(requestId, outcome, result, qualifier);
    if (result instanceof InvocationError) {
      result.executedVersion = this.version;
      throw result;
    }
    return { requestId, payload: result.payload, executedVersion: this.version };
  }

  /** Stops reusing environments, because a deployment has replaced or deleted this version. Running invocations end undisturbed. */
  retire(): void {
    this.retired = true;
    clearInterval(this.sweeper);
    for (const { environment } of this.idle.splice(0)) void environment.close();
  }

  async close(): Promise<void> {
    this.closed = true;
    clearInterval(this.sweeper);
    await Promise.all(this.list().map((environment) => environment.close()));
  }

  /** @returns a function that must be called when the invocation has ended */
  private admit(requestId: string, payload: string, qualifier: string | undefined): () => void {
    // A late duplicate must not start a process that outlives the engine.
    if (this.closed)
      throw serviceRefusal(requestId, 'ServiceException', `${this.resource.name}: the engine is closing`);
    const bytes = Buffer.byteLength(payload);
    if (bytes > PAYLOAD_BYTES_MAX) {
      throw serviceRefusal(
        requestId,
        'RequestEntityTooLargeException',
        `${bytes} byte payload is too large for the RequestResponse invocation type (limit ${PAYLOAD_BYTES_MAX} bytes)`,
      );
    }
    const admitted = this.options.concurrency.admit(this.resource.name);
    if (typeof admitted === 'function') return admitted;
    this.options.share.counted.throttles += 1;
    this.measure('Throttles', 1, qualifier);
    throw throttled(requestId, admitted);
  }

  private take(): ExecutionEnvironment {
    for (;;) {
      const entry = this.idle.pop();
      if (entry === undefined) return this.start();
      if (entry.environment.usable) return entry.environment;
    }
  }

  private putBack(environment: ExecutionEnvironment): void {
    if (!environment.usable) return;
    if (this.retired) void environment.close();
    else this.idle.push({ environment, sinceMs: performance.now() });
  }

  private start(): ExecutionEnvironment {
    const { version, runtimeFile, variablesOf, share, onInvocation } = this.options;
    const environment = new ExecutionEnvironment({
      ...{ resource: this.resource, version, runtimeFile, onInvocation },
      variables: variablesOf(this.resource, version),
      logFileDescriptor: share.logFileDescriptor,
      onExit: (gone) => {
        this.environments.delete(gone);
        share.environmentEnded();
      },
    });
    this.environments.add(environment);
    share.countEnvironment();
    return environment;
  }

  private checked(requestId: string, { result }: Outcome): Outcome['result'] {
    if (result instanceof InvocationError || Buffer.byteLength(result.payload) <= PAYLOAD_BYTES_MAX)
      return result;
    return functionFailure(requestId, {
      errorType: 'Function.ResponseSizeTooLarge',
      errorMessage: `Response payload size exceeded maximum allowed payload size (${PAYLOAD_BYTES_MAX} bytes).`,
    });
  }

  private count(
    requestId: string,
    outcome: Outcome,
    result: Outcome['result'],
    qualifier: string | undefined,
  ): void {
    const { counted } = this.options.share;
    const { memoryMegabytes } = this.resource;
    const billedMs = Math.max(1, Math.ceil(outcome.initMs + outcome.durationMs));
    counted.invocations += 1;
    counted.billedMs += billedMs;
    counted.gigabyteSeconds += (billedMs / 1000) * (memoryMegabytes / 1024);
    counted.rssBytesMax = Math.max(counted.rssBytesMax, outcome.rssBytesMax);
    if (outcome.initMs > 0) counted.coldStarts += 1;
    if (result instanceof InvocationError) {
      counted.errors += 1;
      if (result.name === 'Sandbox.Timedout') counted.timeouts += 1;
      if (result.name === 'Runtime.ExitError') counted.crashes += 1;
    }
    this.measure('Invocations', 1, qualifier);
    this.measure('Errors', result instanceof InvocationError ? 1 : 0, qualifier);
    this.measure('Throttles', 0, qualifier);
    this.measure('Duration', outcome.durationMs, qualifier);
    const failure = result instanceof InvocationError ? `\tStatus: error\tError Type: ${result.name}` : '';
    this.options.share.write(
      `END RequestId: ${requestId}\nREPORT RequestId: ${requestId}\tDuration: ${outcome.durationMs.toFixed(2)} ms\t` +
        `Billed Duration: ${billedMs} ms\tMemory Size: ${memoryMegabytes} MB\t` +
        `Max Memory Used: ${Math.ceil(outcome.rssBytesMax / 1024 / 1024)} MB${failure}\n`,
    );
  }

  private measure(name: LambdaMetric['name'], value: number, qualifier: string | undefined): void {
    this.options.onMetric?.({ functionName: this.resource.name, qualifier, name, value });
  }

  private closeIdle(): void {
    const deadline = performance.now() - this.options.idleMsMax;
    while (this.idle[0] !== undefined && this.idle[0].sinceMs < deadline) {
      void this.idle.shift()?.environment.close();
    }
  }
}

/** Creates an unsampled trace id: instrumented code runs as deployed, and sends nothing to the absent X-Ray daemon. */
function traceId(): string {
  const seconds = Math.floor(Date.now() / 1000).toString(16);
  return `Root=1-${seconds}-${randomBytes(12).toString('hex')};Parent=${randomBytes(8).toString('hex')};Sampled=0`;
}

/** Manages the execution environments of one function: reuses warm ones, closes idle ones and counts invocations. */
import { randomBytes, randomUUID } from 'node:crypto';
import { closeSync, openSync, writeSync } from 'node:fs';

import type { FunctionResource } from '../assembly';
import { newCounters, type LambdaCounters } from './counters';
import { ExecutionEnvironment, type Outcome, type StartedInvocation } from './environment';
import type { Concurrency } from './concurrency';
import { functionFailure, InvocationError, serviceRefusal, throttled } from './errors';

export interface PoolOptions {
  readonly resource: FunctionResource;
  /** Shared by all functions of the account. */
  readonly concurrency: Concurrency;
  readonly runtimeFile: string;
  /** Called for each new environment, because endpoints may be known late. */
  readonly variables: () => Readonly<Record<string, string>>;
  readonly logFile: string;
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
  readonly name: 'Invocations' | 'Errors' | 'Throttles' | 'Duration';
  /** A count, or milliseconds. */
  readonly value: number;
}

export interface InvocationResponse {
  readonly requestId: string;
  /** The handler's result as JSON text. */
  readonly payload: string;
}

/** Synchronous invocations, request and response alike (Lambda's MB are 1,024 KB). */
export const PAYLOAD_BYTES_MAX = 6 * 1024 * 1024;

export class FunctionPool {
  private readonly environments = new Set<ExecutionEnvironment>();
  /** The last released environment is reused first, so that the others become idle and are closed. */
  private readonly idle: { environment: ExecutionEnvironment; sinceMs: number }[] = [];
  private readonly counted;
  private readonly log: number;
  private readonly sweeper: NodeJS.Timeout;
  private closed = false;

  constructor(private readonly options: PoolOptions) {
    this.counted = newCounters(options.resource.memoryMegabytes, options.resource.architecture);
    this.log = openSync(options.logFile, 'a');
    this.sweeper = setInterval(() => this.closeIdle(), Math.max(50, options.idleMsMax / 4));
    this.sweeper.unref();
  }

  get resource(): FunctionResource {
    return this.options.resource;
  }

  counters(): LambdaCounters {
    return { ...this.counted };
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

  /**
   * @param requestId a retry has the request id of the first attempt
   * @throws InvocationError
   */
  async invoke(payload: string, requestId: string = randomUUID()): Promise<InvocationResponse> {
    this.admit(requestId, payload);
    const environment = this.take();
    this.write(`START RequestId: ${requestId} Version: $LATEST\n`);
    const functionArn = this.resource.arn;
    const outcome = await environment.invoke({ requestId, payload, functionArn, traceId: traceId() });
    this.options.concurrency.release(this.resource);
    if (environment.usable) this.idle.push({ environment, sinceMs: performance.now() });
    const result = this.checked(requestId, outcome);
    this.count(requestId, outcome, result);
    if (result instanceof InvocationError) throw result;
    return { requestId, payload: result.payload };
  }

  async close(): Promise<void> {
    this.closed = true;
    clearInterval(this.sweeper);
    await Promise.all(this.list().map((environment) => environment.close()));
    closeSync(this.log);
  }

  /** Counts a failed event. */
  countEvent(then: 'retried' | 'dropped'): void {
    if (then === 'retried') this.counted.eventRetries += 1;
    else this.counted.eventsDropped += 1;
  }

  private admit(requestId: string, payload: string): void {
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
    const reason = this.options.concurrency.admit(this.resource);
    if (reason !== undefined) {
      this.counted.throttles += 1;
      this.measure('Throttles', 1);
      throw throttled(requestId, reason);
    }
  }

  private take(): ExecutionEnvironment {
    for (;;) {
      const entry = this.idle.pop();
      if (entry === undefined) return this.start();
      if (entry.environment.usable) return entry.environment;
    }
  }

  private start(): ExecutionEnvironment {
    const environment = new ExecutionEnvironment({
      resource: this.resource,
      runtimeFile: this.options.runtimeFile,
      variables: this.options.variables(),
      logFileDescriptor: this.log,
      onInvocation: this.options.onInvocation,
      onExit: (gone) => this.environments.delete(gone),
    });
    this.environments.add(environment);
    this.counted.environmentsMax = Math.max(this.counted.environmentsMax, this.environments.size);
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

  private count(requestId: string, outcome: Outcome, result: Outcome['result']): void {
    const { counted } = this;
    const billedMs = Math.max(1, Math.ceil(outcome.initMs + outcome.durationMs));
    counted.invocations += 1;
    counted.billedMs += billedMs;
    counted.gigabyteSeconds += (billedMs / 1000) * (counted.memoryMegabytes / 1024);
    counted.rssBytesMax = Math.max(counted.rssBytesMax, outcome.rssBytesMax);
    if (outcome.initMs > 0) counted.coldStarts += 1;
    if (result instanceof InvocationError) {
      counted.errors += 1;
      if (result.name === 'Sandbox.Timedout') counted.timeouts += 1;
      if (result.name === 'Runtime.ExitError') counted.crashes += 1;
    }
    this.measure('Invocations', 1);
    this.measure('Errors', result instanceof InvocationError ? 1 : 0);
    this.measure('Throttles', 0);
    this.measure('Duration', outcome.durationMs);
    const failure = result instanceof InvocationError ? `\tStatus: error\tError Type: ${result.name}` : '';
    this.write(
      `END RequestId: ${requestId}\nREPORT RequestId: ${requestId}\tDuration: ${outcome.durationMs.toFixed(2)} ms\t` +
        `Billed Duration: ${billedMs} ms\tMemory Size: ${counted.memoryMegabytes} MB\t` +
        `Max Memory Used: ${Math.ceil(outcome.rssBytesMax / 1024 / 1024)} MB${failure}\n`,
    );
  }

  private measure(name: LambdaMetric['name'], value: number): void {
    this.options.onMetric?.({ functionName: this.resource.name, name, value });
  }

  private closeIdle(): void {
    const deadline = performance.now() - this.options.idleMsMax;
    while (this.idle[0] !== undefined && this.idle[0].sinceMs < deadline) {
      void this.idle.shift()?.environment.close();
    }
  }

  private write(text: string): void {
    writeSync(this.log, text);
  }
}

/** Creates an unsampled trace id: instrumented code runs as deployed, and sends nothing to the absent X-Ray daemon. */
function traceId(): string {
  const seconds = Math.floor(Date.now() / 1000).toString(16);
  return `Root=1-${seconds}-${randomBytes(12).toString('hex')};Parent=${randomBytes(8).toString('hex')};Sampled=0`;
}

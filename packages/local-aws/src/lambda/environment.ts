/** One execution environment: a child process that runs one invocation at a time of one function. */
import { fork, type ChildProcess } from 'node:child_process';

import type { FunctionResource } from '../assembly';
import { crashed, functionFailure, describeExit, timedOut, type InvocationError } from './errors';
import { watchMemory } from './memory';
import type { ErrorPayload, InvokeMessage, RuntimeMessage } from './messages';

export interface EnvironmentOptions {
  readonly resource: FunctionResource;
  /** The number of a published version, or `$LATEST`. */
  readonly version: string;
  /** Compiled `runtime.ts`. */
  readonly runtimeFile: string;
  readonly variables: Readonly<Record<string, string>>;
  /** Receives stdout and stderr. */
  readonly logFileDescriptor: number;
  readonly onExit: (environment: ExecutionEnvironment) => void;
  /** Called when an invocation is passed to the loaded function. */
  readonly onInvocation?: ((invocation: StartedInvocation) => void) | undefined;
}

/** A running invocation, for a harness that injects faults. */
export interface StartedInvocation {
  readonly functionName: string;
  /** The number of a published version, or `$LATEST`. */
  readonly version: string;
  /** The environment variables of its process. */
  readonly variables: Readonly<Record<string, string>>;
  /** Whether the invocation ends within this time from now, successfully or not. */
  endsWithin(ms: number): Promise<boolean>;
  /** Kills its process, as if its machine were lost. @returns false if the invocation has ended */
  readonly kill: () => boolean;
}

export interface Outcome {
  readonly result: { readonly payload: string } | InvocationError;
  readonly durationMs: number;
  /** Time to start and load, in the first outcome of an environment; 0 in later ones. */
  readonly initMs: number;
  /** 0 if the environment ended before it reported it. */
  readonly rssBytesMax: number;
}

/** Longest init phase; Lambda then loads once more within the function's own timeout, so both together are the limit. */
const INIT_MS_MAX = 10_000;

/** Shares of the memory that Lambda's runtime gives to V8's old and young generations. */
const OLD_SPACE_SHARE = 0.9;
const SEMI_SPACE_SHARE = 0.05;

interface Running {
  readonly requestId: string;
  readonly finish: (result: Outcome['result'], rssBytesMax: number) => void;
}

export class ExecutionEnvironment {
  private readonly child: ChildProcess;
  private readonly startedAt = performance.now();
  private readonly loaded: Promise<void>;
  private markLoaded: () => void = () => undefined;
  private initMs: number | undefined;
  private running: Running | undefined;
  private loadFailure: ErrorPayload | undefined;
  private ended: string | undefined;
  private retired = false;

  constructor(private readonly options: EnvironmentOptions) {
    const { resource, variables, logFileDescriptor: log } = options;
    this.loaded = new Promise((done) => (this.markLoaded = done));
    this.child = fork(options.runtimeFile, [], {
      cwd: resource.codeDirectory,
      env: { ...variables },
      execArgv: heapFlags(resource.memoryMegabytes),
      stdio: ['ignore', log, log, 'ipc'],
    });
    this.child.on('message', (message) => this.handleMessage(message as RuntimeMessage));
    this.child.on('exit', (code, signal) => this.handleExit(describeExit(code, signal)));
    this.child.on('error', (error) => this.handleExit(error.message));
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  get requestId(): string | undefined {
    return this.running?.requestId;
  }

  /** False once the environment has ended or is ending. */
  get usable(): boolean {
    return this.ended === undefined && !this.retired && this.child.connected;
  }

  /** Resolves when the function's code is loaded, or failed to. */
  ready(): Promise<void> {
    return this.loaded;
  }

  /** Runs one invocation, once the code is loaded. The promise never rejects; a failure is the `result`. */
  invoke(message: Omit<InvokeMessage, 'deadlineMs'>): Promise<Outcome> {
    const { requestId } = message;
    const timeoutMs = this.options.resource.timeoutSeconds * 1000;
    const outcome: Promise<Outcome> = new Promise((done) => {
      let startedAt = performance.now();
      const finish: Running['finish'] = (result, rssBytesMax) => {
        clearTimeout(deadline);
        unwatch();
        this.running = undefined;
        done({ result, durationMs: performance.now() - startedAt, initMs: this.takeInit(), rssBytesMax });
      };
      const expire = (): void => {
        this.retired = true;
        this.child.kill('SIGKILL');
        finish(timedOut(requestId, this.options.resource.timeoutSeconds), 0);
      };
      let deadline = setTimeout(expire, timeoutMs + INIT_MS_MAX);
      const unwatch = this.watchMemory();
      this.running = { requestId, finish };
      void this.loaded.then(() => {
        if (this.running?.requestId !== requestId) return;
        if (!this.usable) return finish(this.failure(requestId), 0);
        startedAt = performance.now();
        clearTimeout(deadline);
        deadline = setTimeout(expire, timeoutMs);
        this.child.send(
          { ...message, deadlineMs: Date.now() + timeoutMs } satisfies InvokeMessage,
          (error) => {
            if (error === null) return;
            // The process is gone, though its end has not been reported yet.
            this.retired = true;
            finish(crashed(requestId, error.message), 0);
          },
        );
        this.options.onInvocation?.(this.started(requestId, outcome));
      });
    });
    return outcome;
  }

  /** Kills the process and waits until it has exited. */
  async close(): Promise<void> {
    this.retired = true;
    if (this.ended !== undefined) return;
    const gone = new Promise<void>((done) => this.child.once('exit', () => done()));
    this.child.kill('SIGKILL');
    await gone;
  }

  /** Kills an environment whose process exceeds its memory, as Lambda does; its invocation then fails. */
  private watchMemory(): () => void {
    const bytesMax = this.options.resource.memoryMegabytes * 1024 * 1024;
    return watchMemory(this.child.pid, bytesMax, () => {
      this.retired = true;
      this.child.kill('SIGKILL');
    });
  }

  private started(requestId: string, outcome: Promise<unknown>): StartedInvocation {
    const ended = outcome.then(() => true);
    return {
      functionName: this.options.resource.name,
      version: this.options.version,
      variables: this.options.variables,
      endsWithin: async (ms) => {
        let timer: NodeJS.Timeout | undefined;
        const passed = new Promise<boolean>((done) => (timer = setTimeout(() => done(false), ms).unref()));
        return Promise.race([ended, passed]).finally(() => clearTimeout(timer));
      },
      kill: () => {
        if (this.running?.requestId !== requestId) return false;
        this.retired = true;
        return this.child.kill('SIGKILL');
      },
    };
  }

  private handleMessage(message: RuntimeMessage): void {
    switch (message.kind) {
      case 'loaded':
        this.finishInit();
        return;
      case 'loadFailed':
        this.retired = true;
        this.loadFailure = message.error;
        this.finishInit();
        return;
      case 'succeeded':
        this.finish(message.requestId, { payload: message.payload }, message.rssBytesMax);
        return;
      case 'failed':
        if (message.fatal) this.retired = true;
        this.finish(
          message.requestId,
          functionFailure(message.requestId, message.error),
          message.rssBytesMax,
        );
    }
  }

  private finish(requestId: string, result: Outcome['result'], rssBytesMax: number): void {
    if (this.running?.requestId === requestId) this.running.finish(result, rssBytesMax);
  }

  private handleExit(how: string): void {
    if (this.ended !== undefined) return;
    this.ended = how;
    this.finishInit();
    const { running } = this;
    running?.finish(this.failure(running.requestId), 0);
    this.options.onExit(this);
  }

  private failure(requestId: string): InvocationError {
    if (this.loadFailure !== undefined) return functionFailure(requestId, this.loadFailure);
    return crashed(requestId, this.ended ?? 'signal: killed');
  }

  private finishInit(): void {
    this.initMs ??= performance.now() - this.startedAt;
    this.markLoaded();
  }

  /** Returns the duration of the init phase once: the first invocation of an environment is billed for it. */
  private takeInit(): number {
    const initMs = this.initMs ?? 0;
    this.initMs = 0;
    return initMs;
  }
}

function heapFlags(memoryMegabytes: number): string[] {
  return [
    `--max-old-space-size=${Math.floor(memoryMegabytes * OLD_SPACE_SHARE)}`,
    `--max-semi-space-size=${Math.max(1, Math.floor(memoryMegabytes * SEMI_SPACE_SHARE))}`,
  ];
}

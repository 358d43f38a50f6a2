/**
 * Runs inside each execution environment: loads the function's own bundle and calls its handler, as Lambda's Node.js
 * runtime does. Compiled alone, so it may import types only. Names of errors and the shape of their payload:
 * aws-lambda-nodejs-runtime-interface-client (src/Errors.js, src/UserFunction.js).
 */
import { existsSync } from 'node:fs';
import * as nodeModule from 'node:module';
import { join } from 'node:path';

import type { ErrorPayload, InvokeMessage, RuntimeMessage } from './messages';

type Handler = (event: unknown, context: unknown) => unknown;

/** Lambda's Node.js 24 runtime no longer calls handlers with a callback. */
const ASYNC_PARAMETERS_MAX = 2;
const MEMORY_CHECK_MS = 100;

let current: InvokeMessage | undefined;

function main(): void {
  process.on('disconnect', () => process.exit(0));
  // A terminal signals the whole process group. The host decides whether to end a running invocation.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => undefined);
  process.on('uncaughtException', (error) => failAndExit(error));
  process.on('unhandledRejection', (reason) => failAndExit(unhandledRejection(reason)));
  watchMemory(Number(process.env['AWS_LAMBDA_FUNCTION_MEMORY_SIZE']) * 1024 * 1024);
  try {
    const handler = load(process.env['LAMBDA_TASK_ROOT'] ?? '', process.env['_HANDLER'] ?? '');
    process.on('message', (message) => void invoke(handler, message as InvokeMessage));
    sendToHost({ kind: 'loaded' });
  } catch (error) {
    sendToHost({ kind: 'loadFailed', error: payloadOf(error) }, () => process.exit(1));
  }
}

/** The host checks too, if it has /proc. V8's own limit covers only the heap. */
function watchMemory(rssBytesLimit: number): void {
  const check = (): void => {
    if (process.memoryUsage.rss() > rssBytesLimit) process.kill(process.pid, 'SIGKILL');
  };
  setInterval(check, MEMORY_CHECK_MS).unref();
}

function load(taskRoot: string, name: string): Handler {
  const [, stem, exported] = /^([^.]+)\.(\w+)$/.exec(name) ?? [];
  if (stem === undefined || exported === undefined) {
    throw namedError('Runtime.MalformedHandlerName', `Bad handler ${name}`);
  }
  useCompileCache();
  const file = ['.js', '.cjs']
    .map((suffix) => join(taskRoot, stem + suffix))
    .find((path) => existsSync(path));
  if (file === undefined)
    throw namedError('Runtime.ImportModuleError', `Error: Cannot find module '${stem}' in ${taskRoot}`);
  let loaded: Readonly<Record<string, unknown>>;
  try {
    loaded = nodeModule.createRequire(file)(file) as Readonly<Record<string, unknown>>;
  } catch (error) {
    if (error instanceof SyntaxError) throw namedError('Runtime.UserCodeSyntaxError', String(error));
    if ((error as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND') {
      throw namedError('Runtime.ImportModuleError', String(error));
    }
    throw error;
  }
  const handler = loaded[exported];
  if (handler === undefined)
    throw namedError('Runtime.HandlerNotFound', `${name} is undefined or not exported`);
  if (typeof handler !== 'function') throw namedError('Runtime.HandlerNotFound', `${name} is not a function`);
  if (handler.length > ASYNC_PARAMETERS_MAX) {
    throw namedError('Runtime.CallbackHandlerDeprecated', `${name} takes a callback; use an async handler`);
  }
  return handler as Handler;
}

/** Starts functions faster on Node.js 22.8 and later. Lambda has no such cache. */
function useCompileCache(): void {
  const { enableCompileCache } = nodeModule as { enableCompileCache?: (directory?: string) => unknown };
  const directory = process.env['LOCAL_AWS_COMPILE_CACHE'];
  delete process.env['LOCAL_AWS_COMPILE_CACHE'];
  if (directory !== undefined) enableCompileCache?.(directory);
}

async function invoke(handler: Handler, message: InvokeMessage): Promise<void> {
  current = message;
  const { requestId } = message;
  process.env['_X_AMZN_TRACE_ID'] = message.traceId;
  try {
    const pending = handler(JSON.parse(message.payload), contextOf(message));
    if (!isThenable(pending)) {
      throw namedError(
        'Runtime.SynchronousHandler',
        'The handler did not return a promise; make it an async function',
      );
    }
    const payload = JSON.stringify((await pending) ?? null);
    sendToHost({ kind: 'succeeded', requestId, payload, rssBytesMax: rssBytesMax() });
  } catch (error) {
    sendToHost({
      kind: 'failed',
      requestId,
      error: payloadOf(error),
      fatal: false,
      rssBytesMax: rssBytesMax(),
    });
  }
  current = undefined;
}

/** Returns the host's time, even if `Date` is replaced in this process. */
const wallClockMs = (): number => performance.timeOrigin + performance.now();

/** https://docs.aws.amazon.com/lambda/latest/dg/nodejs-context.html */
function contextOf({ requestId, deadlineMs, functionArn }: InvokeMessage): Record<string, unknown> {
  return {
    awsRequestId: requestId,
    callbackWaitsForEmptyEventLoop: true,
    functionName: process.env['AWS_LAMBDA_FUNCTION_NAME'],
    functionVersion: process.env['AWS_LAMBDA_FUNCTION_VERSION'],
    getRemainingTimeInMillis: () => Math.max(0, deadlineMs - wallClockMs()),
    invokedFunctionArn: functionArn,
    logGroupName: process.env['AWS_LAMBDA_LOG_GROUP_NAME'],
    logStreamName: process.env['AWS_LAMBDA_LOG_STREAM_NAME'],
    memoryLimitInMB: process.env['AWS_LAMBDA_FUNCTION_MEMORY_SIZE'],
  };
}

/** An error outside of the handler's promise fails the running invocation and ends the environment. */
function failAndExit(error: unknown): void {
  console.error('Uncaught', error);
  if (current === undefined) process.exit(129);
  const failed: RuntimeMessage = {
    kind: 'failed',
    requestId: current.requestId,
    error: payloadOf(error),
    fatal: true,
    rssBytesMax: rssBytesMax(),
  };
  sendToHost(failed, () => process.exit(129));
}

function unhandledRejection(reason: unknown): Error {
  return namedError('Runtime.UnhandledPromiseRejection', String(reason));
}

function payloadOf(error: unknown): ErrorPayload {
  if (error instanceof Error) {
    return { errorType: error.name, errorMessage: error.message, trace: (error.stack ?? '').split('\n') };
  }
  return { errorType: typeof error, errorMessage: String(error), trace: [] };
}

function namedError(name: string, message: string): Error {
  return Object.assign(new Error(message), { name });
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as PromiseLike<unknown> | undefined | null)?.then === 'function';
}

/** Peak of the whole environment so far; Node gives kilobytes. */
function rssBytesMax(): number {
  return process.resourceUsage().maxRSS * 1024;
}

function sendToHost(message: RuntimeMessage, then?: () => void): void {
  process.send?.(message, () => then?.());
}

main();

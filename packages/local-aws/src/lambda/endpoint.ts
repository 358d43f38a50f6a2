/** Lambda's Invoke over HTTP, for SDK clients and the AWS CLI: https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';

import { LATEST, QUALIFIERS_DIFFER, qualifiedName } from '../function-names';
import type { Authorize } from '../iam';
import { InvocationError, serviceRefusal } from './errors';
import { refuseUnsupportedService } from './unsupported-services';
import { PAYLOAD_BYTES_MAX, type InvocationResponse } from './function-pool';

/** Invocations that the endpoint forwards to the host. A function name may be an ARN, and may have a qualifier. */
export interface Invoker {
  /** @throws InvocationError */
  invoke(functionName: string, payload: string): Promise<InvocationResponse>;
  /** Queues an event. @returns its request id. @throws InvocationError */
  send(functionName: string, payload: string): string;
  /** @throws InvocationError if there is no such function */
  find(functionName: string): unknown;
}

const INVOKE_PATH = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/;

interface Refusal {
  readonly status: number;
  readonly type: string;
  readonly message: string;
  readonly reason?: string | undefined;
}

const INVOCATION_TYPES = ['RequestResponse', 'Event', 'DryRun'];

const STATUS: Readonly<Record<string, number>> = {
  'Lambda.InvalidParameterValueException': 400,
  'Lambda.RequestEntityTooLargeException': 413,
  'Lambda.ResourceNotFoundException': 404,
  'Lambda.TooManyRequestsException': 429,
};

/** @param authorize authorizes each request; by default every request is allowed */
export function createEndpoint(functions: Invoker, authorize?: Authorize): Server {
  return createServer((request, response) => {
    handleRequest(request, response, functions, authorize).catch((error: unknown) => {
      refuse(response, { status: 500, type: 'ServiceException', message: String(error) });
    });
  });
}

async function handleRequest(
  request: IncomingMessage,
  response: ServerResponse,
  functions: Invoker,
  authorize: Authorize | undefined,
): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://localhost');
  const name = INVOKE_PATH.exec(url.pathname)?.[1];
  if (request.method !== 'POST' || name === undefined)
    return refuseUnsupportedService(request, url, await readBody(request), response);
  const unsupported = unsupportedOf(request);
  const body = await readBody(request);
  const Qualifier = url.searchParams.get('Qualifier') ?? undefined;
  const given = { FunctionName: decodeURIComponent(name), Qualifier };
  const denied = authorize?.(request.headers.authorization, 'InvokeFunction', given);
  if (denied !== undefined)
    return refuse(response, { status: 403, type: denied.name, message: denied.message });
  if (unsupported !== undefined) {
    return refuse(response, { status: 400, type: 'InvalidParameterValueException', message: unsupported });
  }
  if (!isJson(body)) {
    const message = 'Could not parse request body into json.';
    return refuse(response, { status: 400, type: 'InvalidRequestContentException', message });
  }
  try {
    const target = qualifiedName(given.FunctionName, Qualifier);
    if (target === undefined)
      throw serviceRefusal('none', 'InvalidParameterValueException', QUALIFIERS_DIFFER);
    await run(functions, target, typeOf(request), body, response);
  } catch (error) {
    if (!(error instanceof InvocationError)) throw error;
    sendFailure(response, error);
  }
}

async function run(
  functions: Invoker,
  name: string,
  type: string,
  body: string,
  response: ServerResponse,
): Promise<void> {
  if (type === 'DryRun') {
    functions.find(name);
    return send(response, 204, {}, '');
  }
  if (type === 'Event') return send(response, 202, { 'x-amzn-requestid': functions.send(name, body) }, '');
  const { requestId, payload, executedVersion } = await functions.invoke(name, body);
  send(response, 200, { ...executedBy(executedVersion), 'x-amzn-requestid': requestId }, payload);
}

/** Sends a function's failure with status 200, as Lambda does. Only refusals of the service have another status. */
function sendFailure(response: ServerResponse, error: InvocationError): void {
  const { name, message, requestId, payload, reason, executedVersion } = error;
  if (payload === undefined) {
    return refuse(response, {
      status: STATUS[name] ?? 500,
      type: name.replace(/^Lambda\./, ''),
      message,
      reason,
    });
  }
  const headers = { 'x-amzn-requestid': requestId, 'x-amz-function-error': 'Unhandled' };
  send(response, 200, { ...executedBy(executedVersion), ...headers }, payload);
}

const executedBy = (version = LATEST): Record<string, string> => ({ 'x-amz-executed-version': version });

const typeOf = (request: IncomingMessage): string =>
  String(request.headers['x-amz-invocation-type'] ?? 'RequestResponse');

/** Describes a parameter that would change the response and is not supported; undefined if there is none. */
function unsupportedOf(request: IncomingMessage): string | undefined {
  const { 'x-amz-log-type': logType = 'None', 'x-amz-client-context': context } = request.headers;
  const has = 'The local Lambda endpoint has';
  if (!INVOCATION_TYPES.includes(typeOf(request)))
    return `${has} the invocation types ${INVOCATION_TYPES.join(', ')}, not ${typeOf(request)}.`;
  if (logType !== 'None')
    return `${has} no LogType ${String(logType)}; read the function's log file instead.`;
  if (context !== undefined) return `${has} no ClientContext.`;
  return undefined;
}

async function readBody(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    bytes += part.length;
    // A body over the limit is refused; the rest of it is read and discarded.
    if (bytes <= PAYLOAD_BYTES_MAX + 65_536) parts.push(part);
  }
  const text = Buffer.concat(parts).toString('utf8');
  return text === '' ? 'null' : text;
}

function isJson(text: string): boolean {
  if (Buffer.byteLength(text) > PAYLOAD_BYTES_MAX) return true;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function refuse(response: ServerResponse, { status, type, message, reason }: Refusal): void {
  const body = JSON.stringify({ Type: 'User', Message: message, Reason: reason });
  send(response, status, { 'x-amzn-errortype': type }, body);
}

function send(response: ServerResponse, status: number, headers: Record<string, string>, body: string): void {
  response.writeHead(status, {
    'content-type': 'application/json',
    ...headers,
  });
  response.end(body);
}

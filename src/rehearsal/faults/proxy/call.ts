/** Requests and responses between a function and a service, as the proxy sees them. */
import type { IncomingHttpHeaders } from 'node:http';

/** One request of one function to one service. */
export interface Call {
  /** As in the names of the SDK's variables: `dynamodb`, `rds-data`, `sfn`, …; `other` for services without one. */
  readonly service: string;
  /** E.g. `UpdateItem`, `Execute`. */
  readonly operation: string;
  readonly functionName: string;
  /** Counts the calls of this function to this operation, from 1. */
  readonly ordinal: number;
  /** Identifies the execution environment. */
  readonly environment: string;
  readonly body: Buffer;
}

export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** A call, and the actions that an interceptor can take. */
export interface Exchange {
  readonly call: Call;
  /** Forwards the request and returns the response; each call sends a separate request. */
  readonly forward: () => Promise<Reply>;
  /** Sends a response to the function. */
  readonly reply: (reply: Reply) => void;
  /** Closes the connection without a response. */
  readonly hangUp: () => void;
}

/** Handles a call instead of the proxy. A call without a reply hangs. */
export type Interceptor = (exchange: Exchange) => Promise<void>;

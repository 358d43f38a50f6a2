/** Calls of functions to services, as the proxy receives them. */
import type { IncomingHttpHeaders } from 'node:http';

/** One request of one function to one service. */
export interface Call {
  /** As in the SDK's own variables: `dynamodb`, `rds-data`, `sfn`, …; `other` for what has no variable of its own. */
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

/** Actions of a fault on a call. */
export interface Exchange {
  readonly call: Call;
  /** Forwards the request and waits for the response; each call sends a separate request. */
  readonly forward: () => Promise<Reply>;
  /** Responds to the function. */
  readonly reply: (reply: Reply) => void;
  /** Closes the connection without a response. */
  readonly hangUp: () => void;
}

/** Takes a call into its hands. Whatever it leaves unanswered hangs. */
export type Disturbance = (exchange: Exchange) => Promise<void>;

/** What passes between a function and a service, as the proxy sees it. */
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
  /** Tells execution environments apart. */
  readonly environment: string;
  readonly body: Buffer;
}

export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** What whoever disturbs a call may do with it. */
export interface Exchange {
  readonly call: Call;
  /** Sends the request on and waits for the answer; each time is a request of its own. */
  readonly forward: () => Promise<Reply>;
  /** Answers the function. */
  readonly reply: (reply: Reply) => void;
  /** Closes the connection without an answer. */
  readonly hangUp: () => void;
}

/** Takes a call into its hands. Whatever it leaves unanswered hangs. */
export type Disturbance = (exchange: Exchange) => Promise<void>;

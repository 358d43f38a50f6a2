/** Messages between the host and an execution environment, over the child process's channel. */

/** Host → environment: run the handler once. */
export interface InvokeMessage {
  readonly requestId: string;
  /** The event as JSON text. */
  readonly payload: string;
  /** When the invocation times out, in milliseconds since the epoch. */
  readonly deadlineMs: number;
  readonly functionArn: string;
  readonly traceId: string;
}

/** A failed invocation, with the members of Lambda's error payload. */
export interface ErrorPayload {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace?: readonly string[];
}

/** Environment → host. `loaded` is sent once; `fatal` means that the environment exits. */
export type RuntimeMessage =
  | { readonly kind: 'loaded' }
  | { readonly kind: 'loadFailed'; readonly error: ErrorPayload }
  | {
      readonly kind: 'succeeded';
      readonly requestId: string;
      readonly payload: string;
      readonly rssBytesMax: number;
    }
  | {
      readonly kind: 'failed';
      readonly requestId: string;
      readonly error: ErrorPayload;
      readonly fatal: boolean;
      readonly rssBytesMax: number;
    };

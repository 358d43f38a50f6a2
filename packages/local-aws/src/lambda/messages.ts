/** What the host and an execution environment say to each other over the child process's channel. */

/** Host → environment: run the handler once. */
export interface InvokeMessage {
  readonly requestId: string;
  /** The event as JSON text. */
  readonly payload: string;
  /** When the invocation will be ended, in milliseconds since the epoch. */
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

/** Environment → host. `loaded` comes once; `fatal` means that the environment ends itself. */
export type RuntimeMessage =
  | { readonly kind: 'loaded' }
  | { readonly kind: 'loadFailed'; readonly error: ErrorPayload }
  | {
      readonly kind: 'answered';
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

/** Who asks for an invocation; for the host's own records and fault injection. */
export interface TaskCaller {
  readonly executionArn: string;
  readonly stateMachineArn: string;
  readonly roleArn: string;
  readonly stateName: string;
  /** 0 for the first attempt of a state, then 1, 2, … for its retries. */
  readonly retryCount: number;
}

export interface LambdaResult {
  readonly payload: unknown;
  readonly requestId: string;
  readonly statusCode: number;
  readonly executedVersion: string;
}

/**
 * The host's part of a Task state. A failed invocation is thrown as an Error whose `name` is the error's name in
 * Step Functions (a function error's own name, `Lambda.TooManyRequestsException`, …) and whose `message` is its Cause
 * (for a function error the JSON text `{"errorType","errorMessage","trace"}`).
 *
 * The signal says that nobody waits for the result any more (stop, timeout, a sibling's failure). As in AWS the
 * invocation itself goes on; the host must not kill it.
 */
export interface TaskRunner {
  invokeLambda(
    functionArnOrName: string,
    payload: unknown,
    options: { readonly signal: AbortSignal; readonly caller: TaskCaller },
  ): Promise<LambdaResult>;
}

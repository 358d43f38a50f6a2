/** The state that invokes a function. The host uses it for its records and for fault injection. */
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
 * Runs the work of Task states on the host. A failed invocation throws an Error. Its `name` is the error name in Step
 * Functions (that of the function error, or e.g. `Lambda.TooManyRequestsException`). Its `message` is the Cause (for a
 * function error, the JSON text `{"errorType","errorMessage","trace"}`).
 *
 * The signal is aborted when the result is no longer needed (a stop, a timeout, the failure of a sibling). As in AWS,
 * the invocation itself continues; the host must not kill it.
 */
export interface TaskRunner {
  invokeLambda(
    functionArnOrName: string,
    payload: unknown,
    options: { readonly signal: AbortSignal; readonly caller: TaskCaller },
  ): Promise<LambdaResult>;
}

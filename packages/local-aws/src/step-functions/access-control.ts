import type { JsonObject } from './json';

export interface AccessRefusal {
  readonly name: string;
  readonly message: string;
}

/** Decides which calls IAM allows. The host implements it; the engine enforces its decisions. */
export interface AccessControl {
  /** Authorizes an API request by its `Authorization` header. Returns undefined if the request is allowed. */
  authorizeRequest(
    authorization: string | undefined,
    operation: string,
    request: JsonObject,
  ): AccessRefusal | undefined;
  /** Authorizes a call that an execution makes with its state machine's role. Returns undefined if it is allowed. */
  authorizeExecution(
    caller: { readonly roleArn: string; readonly stateMachineArn: string },
    service: 'lambda' | 'states',
    operation: string,
    request: JsonObject,
  ): AccessRefusal | undefined;
  /** Gives the role to a state machine that the API creates or updates. Returns undefined if the machine may have it. */
  assumeRole(
    machine: { readonly name: string; readonly stateMachineArn: string },
    roleArn: string,
  ): AccessRefusal | undefined;
}

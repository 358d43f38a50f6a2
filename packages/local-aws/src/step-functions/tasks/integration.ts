import type { Details } from '../history';
import type { Fields } from '../fields';
import { textOf, type Json, type JsonObject } from '../json';
import type { StateAttempt } from '../state-type';

/** A resource that a Task state can call. */
export interface Integration {
  matches(resource: string): boolean;
  /** Checks the state's fields that belong to this resource. */
  check(fields: Fields): void;
  /** What a message calls it: `lambda`, `aws-sdk:sfn` or a function's ARN. */
  label(attempt: StateAttempt): string;
  /** The event family and the details of its events. */
  events(attempt: StateAttempt, seconds: TaskSeconds): TaskEvents;
  call(attempt: StateAttempt, signal: AbortSignal): Promise<Json>;
  /** The end of the job that the call started, for a resource that waits for it (`.sync`). */
  job?(attempt: StateAttempt, response: Json, signal: AbortSignal): Promise<Json>;
}

/** Whether the state's task has a token: it waits for that (`.waitForTaskToken`), or for a job, which may send it too. */
export const waitsForToken = (state: JsonObject): boolean =>
  typeof state['Resource'] === 'string' && /\.(waitForTaskToken|sync(:2)?)$/.test(state['Resource']);

export interface TaskSeconds {
  readonly timeoutInSeconds?: number;
  readonly heartbeatInSeconds?: number;
}

export interface TaskEvents {
  readonly prefix: 'Task' | 'LambdaFunction';
  readonly scheduled: Details;
  readonly started: Details | undefined;
  /** Of a task that goes on to wait. */
  readonly submitted?: (output: Record<string, unknown>) => Details;
  succeeded(output: Record<string, unknown>): Details;
  failed(failure: Record<string, unknown>): Details;
  timedOut(failure: Record<string, unknown>): Details;
}

/** What events call the action: `invoke`, `startExecution.sync:2`, … */
export const actionOf = ({ state }: StateAttempt): string =>
  /:([A-Za-z]+(\.[A-Za-z]+(:2)?)?)$/.exec(textOf(state['Resource']))?.[1] ?? '';

/** Events of the optimised and the SDK integrations. */
export function serviceEvents(
  attempt: StateAttempt,
  resourceType: string,
  resource: string,
  seconds: TaskSeconds,
): TaskEvents {
  const service = { resourceType, resource };
  const parameters = JSON.stringify(attempt.payload);
  const { region } = attempt.engine;
  return {
    prefix: 'Task',
    scheduled: ['taskScheduledEventDetails', { ...service, region, parameters, ...seconds }],
    started: ['taskStartedEventDetails', service],
    submitted: (output) => ['taskSubmittedEventDetails', { ...service, ...output }],
    succeeded: (output) => ['taskSucceededEventDetails', { ...service, ...output }],
    failed: (failure) => ['taskFailedEventDetails', { ...service, ...failure }],
    timedOut: (failure) => ['taskTimedOutEventDetails', { ...service, ...failure }],
  };
}

/** Reads the named parameters, given plainly or as `name.$`; what else is there is reported as unsupported. */
export function checkParameters(
  fields: Fields,
  required: readonly string[],
  optional: readonly string[],
): Fields | undefined {
  if (!fields.has('Parameters')) {
    fields.problem(`Parameters is required (with ${required.join(', ')})`);
    return undefined;
  }
  const parameters = fields.template('Parameters', { taskToken: waitsForToken(fields.object) });
  if (!parameters) return undefined;
  for (const name of [...required, ...optional]) {
    parameters.take(name);
    parameters.take(`${name}.$`);
  }
  for (const name of required) {
    if (!parameters.has(name) && !parameters.has(`${name}.$`)) parameters.problem(`${name} is required`);
  }
  return parameters;
}

import type { Details } from '../history';
import type { Fields } from '../fields';
import { type Json, type JsonObject, textOf, toText } from '../json';
import type { StateAttempt } from '../state-type';

/** A resource that a Task state can call. */
export interface Integration {
  matches(resource: string): boolean;
  /** Validates the fields of the state that belong to this resource. */
  check(fields: Fields): void;
  /** The name of the resource in messages: `lambda`, `aws-sdk:sfn` or a function's ARN. */
  label(attempt: StateAttempt): string;
  /** The prefix and details of its history events. */
  events(attempt: StateAttempt, seconds: TaskSeconds): TaskEvents;
  call(attempt: StateAttempt, signal: AbortSignal): Promise<Json>;
  /** Waits for the job that the call started. Only of `.sync` resources. */
  job?(attempt: StateAttempt, response: Json, signal: AbortSignal): Promise<Json>;
}

/** Returns whether the task has a task token: it waits for the token, or for a job (`.sync`) that may also send it. */
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
  /** Set only for a task that waits after the call. */
  readonly submitted?: (output: Record<string, unknown>) => Details;
  succeeded(output: Record<string, unknown>): Details;
  failed(failure: Record<string, unknown>): Details;
  timedOut(failure: Record<string, unknown>): Details;
}

/** Returns the name of the action in history events: `invoke`, `startExecution.sync:2`, … */
export const actionOf = ({ state }: StateAttempt): string =>
  /:([A-Za-z]+(\.[A-Za-z]+(:2)?)?)$/.exec(textOf(state['Resource']))?.[1] ?? '';

/** Builds the history events of optimised and SDK integrations. */
export function serviceEvents(
  attempt: StateAttempt,
  resourceType: string,
  resource: string,
  seconds: TaskSeconds,
): TaskEvents {
  const service = { resourceType, resource };
  const parameters = toText(attempt.payload);
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

/** Reads the parameters `name` or `name.$`. The caller then rejects all others. */
export function checkParameters(
  fields: Fields,
  required: readonly string[],
  optional: readonly string[],
): Fields | undefined {
  if (!fields.has('Parameters')) {
    fields.addProblem(`Parameters is required (with ${required.join(', ')})`);
    return undefined;
  }
  const parameters = fields.template('Parameters', { taskToken: waitsForToken(fields.object) });
  if (!parameters) return undefined;
  for (const name of [...required, ...optional]) {
    parameters.read(name);
    parameters.read(`${name}.$`);
  }
  for (const name of required) {
    if (!parameters.has(name) && !parameters.has(`${name}.$`)) parameters.addProblem(`${name} is required`);
  }
  return parameters;
}

import { RESERVED_ERROR_NAMES, STATES, type StateFailure } from './errors';
import type { Fields } from './fields';
import type { Json, JsonObject } from './json';
import { abbreviate, asNumber, isObject } from './json';
import { LIMITS } from './limits';

export function checkRetry(fields: Fields): void {
  const retriers = fields.list('Retry', true);
  retriers.forEach((retrier, index) => {
    checkErrorEquals(retrier, index === retriers.length - 1);
    const interval = retrier.number('IntervalSeconds', 1, LIMITS.secondsMax) ?? 1;
    retrier.number('MaxAttempts', 0, LIMITS.secondsMax);
    retrier.number('BackoffRate', 1, Number.MAX_SAFE_INTEGER, false);
    const maxDelay = retrier.number('MaxDelaySeconds', 1, LIMITS.maxDelaySecondsMax);
    if (maxDelay !== undefined && maxDelay <= interval)
      retrier.addProblem('MaxDelaySeconds must exceed IntervalSeconds');
    retrier.oneOf('JitterStrategy', ['FULL', 'NONE']);
    retrier.string('Comment');
    retrier.rejectUnknownFields();
  });
}

/** Validates Catch. Returns the states that the catchers transition to. */
export function checkCatch(fields: Fields): string[] {
  const catchers = fields.list('Catch', true);
  return catchers.flatMap((catcher, index) => {
    checkErrorEquals(catcher, index === catchers.length - 1);
    catcher.requireField('Next');
    const next = catcher.string('Next');
    catcher.resultPath('ResultPath');
    catcher.assign();
    catcher.string('Comment');
    catcher.rejectUnknownFields();
    return next === undefined ? [] : [next];
  });
}

function checkErrorEquals(fields: Fields, isLast: boolean): void {
  const names = fields.requireField('ErrorEquals');
  if (names === undefined) return;
  if (!Array.isArray(names) || names.length === 0) {
    return fields.addProblem(`ErrorEquals must be a non-empty list, not ${abbreviate(names)}`);
  }
  for (const name of names) {
    if (typeof name !== 'string')
      fields.addProblem(`ErrorEquals contains ${abbreviate(name)}, which is not an error name`);
    else if (name.startsWith('States.') && !RESERVED_ERROR_NAMES.includes(name)) {
      fields.addProblem(`ErrorEquals: '${name}' is reserved but never reported by Standard workflows`);
    }
  }
  if (!names.includes(STATES.all)) return;
  if (names.length > 1) fields.addProblem(`ErrorEquals: ${STATES.all} must appear alone`);
  if (!isLast) fields.addProblem(`ErrorEquals: ${STATES.all} must be in the last entry`);
}

/**
 * Whether `States.ALL` matches States.DataLimitExceeded. The developer guide ("Handling errors in Step Functions workflows")
 * says that it does not; executions recorded on AWS in March 2024 show that it does:
 * https://github.com/localstack/localstack, tests/aws/services/stepfunctions/v2/error_handling/test_states_errors.snapshot.json,
 * `test_service_task_lambada_catch_state_all_data_limit_exceeded_on_large_utf8_response` and
 * `test_task_lambda_catch_state_all_data_limit_exceeded_on_large_utf8_response`.
 */
export type StatesAll = 'recorded' | 'documented';

/** Returns whether a retrier or catcher with these names matches the failure. */
export function matchesError(
  errorEquals: readonly Json[],
  failure: StateFailure,
  statesAll: StatesAll,
): boolean {
  const names = [failure.error, ...failure.aliases];
  if (names.includes(STATES.runtime)) return false;
  if (errorEquals.some((wanted) => typeof wanted === 'string' && names.includes(wanted))) return true;
  if (errorEquals.includes(STATES.all))
    return statesAll === 'recorded' || !names.includes(STATES.dataLimitExceeded);
  return errorEquals.includes(STATES.taskFailed) && !names.includes(STATES.timeout);
}

/** The retriers of a state, each with its own count of retries since the state was entered. */
export class Retriers {
  private readonly attempts = new Map<JsonObject, number>();
  constructor(
    private readonly state: JsonObject,
    private readonly statesAll: StatesAll,
  ) {}

  /** Returns the delay before the next attempt, or undefined if no retry is left. */
  nextDelayMs(failure: StateFailure, random: () => number): number | undefined {
    const retrier = findEntry(this.state['Retry'], failure, this.statesAll);
    if (!retrier) return undefined;
    const retries = this.attempts.get(retrier) ?? 0;
    if (retries >= numberOr(retrier['MaxAttempts'], 3)) return undefined;
    this.attempts.set(retrier, retries + 1);
    const backoffSeconds =
      numberOr(retrier['IntervalSeconds'], 1) * numberOr(retrier['BackoffRate'], 2) ** retries;
    const delayMs =
      Math.min(backoffSeconds, numberOr(retrier['MaxDelaySeconds'], LIMITS.maxDelaySecondsMax)) * 1000;
    return retrier['JitterStrategy'] === 'FULL' ? random() * delayMs : delayMs;
  }
}

/** Returns the first catcher that matches the failure. */
export const catcherFor = (
  state: JsonObject,
  failure: StateFailure,
  statesAll: StatesAll,
): JsonObject | undefined => findEntry(state['Catch'], failure, statesAll);

function findEntry(
  entries: Json | undefined,
  failure: StateFailure,
  statesAll: StatesAll,
): JsonObject | undefined {
  if (!Array.isArray(entries)) return undefined;
  return entries
    .filter(isObject)
    .find(({ ErrorEquals }) => Array.isArray(ErrorEquals) && matchesError(ErrorEquals, failure, statesAll));
}

const numberOr = (value: Json | undefined, otherwise: number): number => asNumber(value) ?? otherwise;

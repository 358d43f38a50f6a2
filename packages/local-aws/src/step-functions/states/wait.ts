import { RuntimeFailure } from '../errors';
import type { Evaluation } from '../intrinsics';
import { asNumber, textOf } from '../json';
import { LIMITS } from '../limits';
import { lookUp, parsePath, resolvePath } from '../paths';
import type { StateType, StateAttempt } from '../state-type';
import { timestampMs } from '../timestamps';

const DURATION_FIELDS = ['Seconds', 'SecondsPath', 'Timestamp', 'TimestampPath'] as const;

/** As recorded on AWS, a Wait of 24,855 days works and one of 24,856 days fails. */
const DELAY_SECONDS_MAX = 2 ** 31 - 1;

export const wait: StateType = {
  abortable: true,
  commonFields: {
    transition: true,
    paths: true,
    parameters: false,
    resultSelector: false,
    resultPath: false,
    errors: false,
    assign: true,
  },
  check(fields) {
    fields.requireExclusive(DURATION_FIELDS, true);
    fields.number('Seconds', 0, LIMITS.secondsMax);
    fields.path('SecondsPath', { reference: true });
    fields.path('TimestampPath', { reference: true });
    const timestamp = fields.string('Timestamp');
    if (timestamp !== undefined && timestampMs(timestamp) === undefined) {
      fields.addProblem(
        `Timestamp '${timestamp}' is not an ISO 8601 date-time with an offset, e.g. 2026-01-31T12:00:00Z`,
      );
    }
  },
  async run(attempt) {
    const { clock } = attempt.engine;
    const ms = durationMs(attempt, clock.nowMs());
    if (ms > DELAY_SECONDS_MAX * 1000) throw new RuntimeFailure('Wait state delay is too long.');
    await attempt.thread.scope.wait(clock, ms);
    return { result: attempt.input };
  },
};

function secondsOf(path: string, evaluation: Evaluation): number {
  const given = lookUp(parsePath(path), evaluation);
  if (given === undefined) {
    throw new RuntimeFailure(`The SecondsPath parameter does not reference an input value: ${path}`);
  }
  const described = `${path} == ${textOf(given)}`;
  const value = asNumber(given);
  if (value === undefined || !Number.isInteger(value)) {
    throw new RuntimeFailure(`The SecondsPath parameter cannot be parsed as a long value: ${described}`);
  }
  if (value < 0)
    throw new RuntimeFailure(`The SecondsPath parameter references a negative value: ${described}`);
  if (value > LIMITS.secondsMax)
    throw new RuntimeFailure(
      `The SecondsPath parameter references more than ${LIMITS.secondsMax}: ${described}`,
    );
  return value;
}

function durationMs({ state, evaluation }: StateAttempt, nowMs: number): number {
  const {
    Seconds: given,
    SecondsPath: secondsPath,
    Timestamp: timestamp,
    TimestampPath: timestampPath,
  } = state;
  const seconds = asNumber(given);
  if (seconds !== undefined) return seconds * 1000;
  if (typeof secondsPath === 'string') {
    return secondsOf(secondsPath, evaluation) * 1000;
  }
  const at =
    typeof timestampPath === 'string' ? resolvePath(timestampPath, evaluation, 'TimestampPath') : timestamp;
  const atMs = timestampMs(at);
  if (atMs !== undefined) return Math.max(0, atMs - nowMs);
  throw new RuntimeFailure(
    `The TimestampPath parameter does not reference a valid ISO-8601 extended offset date-time format string: ${textOf(timestampPath)} == ${textOf(at)}`,
  );
}

import { RuntimeFailure } from '../errors';
import type { Evaluation } from '../intrinsics';
import { abbreviate, textOf } from '../json';
import { LIMITS } from '../limits';
import { lookUp, parsePath, resolvePath } from '../paths';
import type { StateType, StateAttempt } from '../state-type';
import { timestampMs } from '../timestamps';

const WAYS = ['Seconds', 'SecondsPath', 'Timestamp', 'TimestampPath'] as const;

/** As recorded on AWS: 24,855 days ahead are waited for, 24,856 are not. */
const DELAY_SECONDS_MAX = 2 ** 31 - 1;

export const wait: StateType = {
  traits: {
    transition: true,
    paths: true,
    parameters: false,
    resultSelector: false,
    resultPath: false,
    errors: false,
    assign: true,
  },
  check(fields) {
    fields.exclusive(WAYS, true);
    fields.number('Seconds', 0, LIMITS.secondsMax);
    fields.path('SecondsPath', { reference: true });
    fields.path('TimestampPath', { reference: true });
    const timestamp = fields.string('Timestamp');
    if (timestamp !== undefined && timestampMs(timestamp) === undefined) {
      fields.problem(
        `Timestamp '${timestamp}' is no ISO-8601 date-time with an offset, e.g. 2026-01-31T12:00:00Z`,
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
  const value = lookUp(parsePath(path), evaluation);
  if (value === undefined) {
    throw new RuntimeFailure(`The SecondsPath parameter does not reference an input value: ${path}`);
  }
  const told = `${path} == ${typeof value === 'string' ? value : abbreviate(value)}`;
  if (typeof value !== 'number' || !Number.isInteger(value)) {
    throw new RuntimeFailure(`The SecondsPath parameter cannot be parsed as a long value: ${told}`);
  }
  if (value < 0) throw new RuntimeFailure(`The SecondsPath parameter references a negative value: ${told}`);
  if (value > LIMITS.secondsMax)
    throw new RuntimeFailure(`The SecondsPath parameter references more than ${LIMITS.secondsMax}: ${told}`);
  return value;
}

function durationMs({ state, evaluation }: StateAttempt, nowMs: number): number {
  const {
    Seconds: seconds,
    SecondsPath: secondsPath,
    Timestamp: timestamp,
    TimestampPath: timestampPath,
  } = state;
  if (typeof seconds === 'number') return seconds * 1000;
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

import { RuntimeFailure } from '../errors';
import { brief, textOf } from '../json';
import { LIMITS } from '../limits';
import { resolve } from '../paths';
import type { StateKind, Visit } from '../state-kind';
import { timestampMs } from '../timestamps';

const WAYS = ['Seconds', 'SecondsPath', 'Timestamp', 'TimestampPath'] as const;

export const wait: StateKind = {
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
    const timestamp = fields.text('Timestamp');
    if (timestamp !== undefined && timestampMs(timestamp) === undefined) {
      fields.problem(
        `Timestamp '${timestamp}' is no ISO-8601 date-time with an offset, e.g. 2026-01-31T12:00:00Z`,
      );
    }
  },
  async run(visit) {
    const { clock } = visit.engine;
    await visit.thread.scope.wait(clock, durationMs(visit, clock.nowMs()));
    return { result: visit.input };
  },
};

function durationMs({ state, evaluation }: Visit, nowMs: number): number {
  const {
    Seconds: seconds,
    SecondsPath: secondsPath,
    Timestamp: timestamp,
    TimestampPath: timestampPath,
  } = state;
  if (typeof seconds === 'number') return seconds * 1000;
  if (typeof secondsPath === 'string') {
    const value = resolve(secondsPath, evaluation, 'SecondsPath');
    if (Number.isInteger(value) && Number(value) >= 0 && Number(value) <= LIMITS.secondsMax)
      return Number(value) * 1000;
    throw new RuntimeFailure(
      `The SecondsPath field refers to value ${brief(value)} which is not an integer from 0 to ${LIMITS.secondsMax}: ${secondsPath}`,
    );
  }
  const at =
    typeof timestampPath === 'string' ? resolve(timestampPath, evaluation, 'TimestampPath') : timestamp;
  const atMs = timestampMs(at);
  if (atMs !== undefined) return Math.max(0, atMs - nowMs);
  throw new RuntimeFailure(
    `The TimestampPath parameter does not reference a valid ISO-8601 extended offset date-time format string: ${textOf(timestampPath)} == ${textOf(at)}`,
  );
}

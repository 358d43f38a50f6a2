/** Builds the reason of a state as CloudWatch does, in the format of its documented events. */
import type { AlarmConfig } from './alarm-config';
import type { AlarmState } from './evaluation';

export interface StateChange {
  readonly value: AlarmState;
  readonly reason: string;
  /** JSON text */
  readonly reasonData?: string | undefined;
  readonly atMs: number;
}

/** Formats a time as `2019-10-02T17:04:40.989+0000`. */
export const formatTimestamp = (atMs: number): string => new Date(atMs).toISOString().replace('Z', '+0000');

const formatDouble = (value: number): string => (Number.isInteger(value) ? `${value}.0` : String(value));

/** Formats a time as `02/10/19 16:59:00`. */
function formatShort(atMs: number): string {
  const [, year, month, day, time] = /^\d\d(\d\d)-(\d\d)-(\d\d)T(.{8})/.exec(new Date(atMs).toISOString())!;
  return `${day}/${month}/${year} ${time}`;
}

export interface Evaluated {
  readonly alarm: AlarmConfig;
  /** The evaluated points, oldest first: the start of the period, and the value. */
  readonly points: readonly (readonly [atMs: number, value: number])[];
  readonly startMs: number;
  readonly nowMs: number;
}

const REASON_LENGTH_MAX = 1023;
const REASON_DATA_LENGTH_MAX = 4000;

export function explain(from: AlarmState, to: AlarmState, evaluated: Evaluated): StateChange {
  const { alarm, points, startMs, nowMs } = evaluated;
  const data = {
    version: '1.0',
    queryDate: formatTimestamp(nowMs),
    startDate: formatTimestamp(points[0]?.[0] ?? startMs),
    ...(alarm.statistic === undefined ? {} : { statistic: alarm.statistic }),
    period: alarm.periodMs / 1000,
    recentDatapoints: points.map(([, value]) => value),
    threshold: alarm.threshold,
  };
  return {
    value: to,
    reason: reasonOf(from, to, evaluated).slice(0, REASON_LENGTH_MAX),
    reasonData: JSON.stringify(data).slice(0, REASON_DATA_LENGTH_MAX),
    atMs: nowMs,
  };
}

function reasonOf(from: AlarmState, to: AlarmState, { alarm, points }: Evaluated): string {
  const { evaluationPeriods, comparison, threshold } = alarm;
  const missing = evaluationPeriods - points.length;
  if (to === 'INSUFFICIENT_DATA')
    return `Insufficient Data: ${missing} datapoint${missing === 1 ? ' was' : 's were'} unknown.`;
  if (points.length === 0)
    return `Threshold Crossed: no datapoints were received for ${missing} period${missing === 1 ? '' : 's'} and ${missing} missing datapoint${missing === 1 ? ' was' : 's were'} treated as [${to === 'ALARM' ? 'Breaching' : 'NonBreaching'}].`;
  const decisive = points.filter(([, value]) => comparison.breaches(value, threshold) === (to === 'ALARM'));
  const listed = decisive
    .toReversed()
    .map(([atMs, value]) => `${formatDouble(value)} (${formatShort(atMs)})`);
  const minimum = to === 'ALARM' ? alarm.datapointsToAlarm : evaluationPeriods - alarm.datapointsToAlarm + 1;
  const verb = `${decisive.length === 1 ? 'was' : 'were'}${to === 'ALARM' ? '' : ' not'}`;
  return (
    `Threshold Crossed: ${decisive.length} out of the last ${points.length} datapoints [${listed.join(', ')}] ` +
    `${verb} ${comparison.words} the threshold (${formatDouble(threshold)}) ` +
    `(minimum ${minimum} datapoint${minimum === 1 ? '' : 's'} for ${from} -> ${to} transition).`
  );
}

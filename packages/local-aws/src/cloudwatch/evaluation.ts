/**
 * Which state the points of an alarm's evaluation range mean, with the documented handling of missing data:
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
 */
export type AlarmState = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';
export type TreatMissingData = 'missing' | 'notBreaching' | 'breaching' | 'ignore';

export interface Rule {
  /** N */
  readonly evaluationPeriods: number;
  /** M */
  readonly datapointsToAlarm: number;
  readonly treatMissingData: TreatMissingData;
}

/** One period of the range: whether its point breaches; undefined if it is missing. */
export type Point = boolean | undefined;

/** Points that are looked at for N; AWS gives 5 for its example of 3 and no rule. */
export const rangeOf = (evaluationPeriods: number): number => evaluationPeriods + 2;

/** @param points oldest first, as many as {@link rangeOf} says */
export function evaluate(points: readonly Point[], rule: Rule, current: AlarmState): AlarmState {
  const { evaluationPeriods, datapointsToAlarm, treatMissingData } = rule;
  const real = points.filter((point) => point !== undefined).slice(-evaluationPeriods);
  const breaching = real.filter(Boolean).length;
  const missing = evaluationPeriods - real.length;
  if (breaching >= datapointsToAlarm) return 'ALARM';
  if (missing === 0 || treatMissingData === 'notBreaching') return 'OK';
  if (treatMissingData === 'breaching') return breaching + missing >= datapointsToAlarm ? 'ALARM' : 'OK';
  if (real.length === 0) return treatMissingData === 'missing' ? 'INSUFFICIENT_DATA' : current;
  if (breaching < real.length) return 'OK';
  // All that is there breaches, but it is too little: an alarm only if what breaches has had time to be contradicted.
  // What a fresh breach among missing points leaves is not documented; here the state stays.
  const ageMax = points.length - points.indexOf(true);
  return treatMissingData === 'missing' && ageMax >= datapointsToAlarm ? 'ALARM' : current;
}

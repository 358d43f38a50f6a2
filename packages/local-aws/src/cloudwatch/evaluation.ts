/**
 * Derives an alarm's state from the points of its evaluation range, with the documented handling of missing data:
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
 */
export type AlarmState = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';
export type TreatMissingData = 'missing' | 'notBreaching' | 'breaching' | 'ignore';

export interface Rule {
  /** N of "M out of N". */
  readonly evaluationPeriods: number;
  /** M of "M out of N". */
  readonly datapointsToAlarm: number;
  readonly treatMissingData: TreatMissingData;
}

/** Whether the point of one period breaches the threshold; undefined if it is missing. */
export type Point = boolean | undefined;

/** Returns the number of points in the evaluation range. AWS documents only an example: 5 points for N = 3. */
export const rangeOf = (evaluationPeriods: number): number => evaluationPeriods + 2;

/** @param points oldest first; {@link rangeOf} returns their number */
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
  // All existing points breach, but there are fewer than M. The state becomes ALARM only if the oldest breach is at
  // least M periods old. AWS does not document the state after a more recent breach among missing points; the engine
  // keeps the current state.
  const ageMax = points.length - points.indexOf(true);
  return treatMissingData === 'missing' && ageMax >= datapointsToAlarm ? 'ALARM' : current;
}

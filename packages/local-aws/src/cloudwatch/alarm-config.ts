/** Reads the configuration of a metric alarm, from PutMetricAlarm or AWS::CloudWatch::Alarm. */
import { flag, integer, list, number, structure, text, textOf, type Shape } from '../aws-json';
import { rangeOf, type Rule, type TreatMissingData } from './evaluation';
import { LIMITS } from './limits';
import { DIMENSIONS, periodProblems, QUERIES, QuerySet } from './metric-query';

const ACTIONS = list(text);
export const TAGS = list(structure({ Key: textOf(1, 128), Value: textOf(0, 256) }, {}), LIMITS.alarm.tagsMax);
export const ALARM_NAME = textOf(1, LIMITS.alarm.nameLengthMax);
export const ALARM_DESCRIPTION = textOf(0, LIMITS.alarm.descriptionLengthMax);

export const ALARM = structure(
  { AlarmName: ALARM_NAME, EvaluationPeriods: integer, Threshold: number, ComparisonOperator: text },
  {
    ...{ AlarmDescription: ALARM_DESCRIPTION, ActionsEnabled: flag, Tags: TAGS },
    ...{ OKActions: ACTIONS, AlarmActions: ACTIONS, InsufficientDataActions: ACTIONS },
    ...{ MetricName: text, Namespace: text, Statistic: text, ExtendedStatistic: text },
    ...{ Dimensions: DIMENSIONS, Period: integer, Unit: text, Metrics: QUERIES },
    ...{ DatapointsToAlarm: integer, TreatMissingData: text, EvaluateLowSampleCountPercentile: text },
  },
);
export type AlarmInput = typeof ALARM extends Shape<infer T> ? T : never;

export interface AlarmConfig extends Rule {
  readonly name: string;
  readonly given: AlarmInput;
  readonly queries: QuerySet;
  /** The query whose points are compared with the threshold. */
  readonly queryId: string;
  readonly periodMs: number;
  readonly threshold: number;
  readonly comparison: Comparison;
  /** Undefined for an expression. */
  readonly statistic: string | undefined;
}

export interface Comparison {
  readonly words: string;
  readonly breaches: (value: number, threshold: number) => boolean;
}

const COMPARISONS: Readonly<Record<string, Comparison>> = {
  GreaterThanThreshold: { words: 'greater than', breaches: (value, threshold) => value > threshold },
  GreaterThanOrEqualToThreshold: {
    words: 'greater than or equal to',
    breaches: (value, threshold) => value >= threshold,
  },
  LessThanThreshold: { words: 'less than', breaches: (value, threshold) => value < threshold },
  LessThanOrEqualToThreshold: {
    words: 'less than or equal to',
    breaches: (value, threshold) => value <= threshold,
  },
};
const TREATMENTS = ['missing', 'notBreaching', 'breaching', 'ignore'];
const DAY_SECONDS = 86_400;

/** @throws Error that reports everything invalid, unknown or not supported */
export function readAlarm(given: unknown): AlarmConfig {
  const problems: string[] = [];
  ALARM.check(given, '', problems);
  if (problems.length > 0) throw new Error(problems.join('; '));
  const alarm = given as AlarmInput;
  const { queries, queryId } = queriesOf(alarm, problems);
  problems.push(...nameProblems(alarm.AlarmName), ...queries.problems);
  problems.push(...ruleProblems(alarm), ...actionProblems(alarm));
  const periodMs = problems.length > 0 ? 60_000 : queries.periodMs(queryId);
  problems.push(...periodProblems(periodMs / 1000, [10, 20, 30]), ...windowProblems(alarm, periodMs / 1000));
  if (problems.length > 0) throw new Error(problems.join('; '));
  const onDynamoDb = queries.metrics().every(({ metric }) => metric.namespace === 'AWS/DynamoDB');
  return {
    name: alarm.AlarmName,
    given: alarm,
    queries,
    queryId,
    periodMs,
    threshold: alarm.Threshold,
    comparison: COMPARISONS[alarm.ComparisonOperator]!,
    statistic: alarm.Statistic ?? alarm.ExtendedStatistic,
    evaluationPeriods: alarm.EvaluationPeriods,
    datapointsToAlarm: alarm.DatapointsToAlarm ?? alarm.EvaluationPeriods,
    treatMissingData: (alarm.TreatMissingData ?? (onDynamoDb ? 'ignore' : 'missing')) as TreatMissingData,
  };
}

export function nameProblems(name: string): string[] {
  return /[\x00-\x1f\x7f]/.test(name) ? [`AlarmName ${JSON.stringify(name)} has control characters`] : [];
}

export const rangeMsOf = (alarm: AlarmConfig): number => rangeOf(alarm.evaluationPeriods) * alarm.periodMs;

function queriesOf(alarm: AlarmInput, problems: string[]): { queries: QuerySet; queryId: string } {
  const { Metrics, MetricName, Namespace, Statistic, ExtendedStatistic, Period } = alarm;
  if (Metrics !== undefined) {
    const single = [
      'MetricName',
      'Namespace',
      'Statistic',
      'ExtendedStatistic',
      'Dimensions',
      'Period',
      'Unit',
    ];
    const both = single.filter((name) => alarm[name as keyof AlarmInput] !== undefined);
    if (both.length > 0) problems.push(`Metrics cannot be combined with ${both.join(', ')}`);
    const stats = Metrics.filter(({ MetricStat }) => MetricStat !== undefined).length;
    const { metricsMax, expressionsMax } = LIMITS.alarm;
    if (stats > metricsMax) problems.push(`Metrics retrieves ${stats} metrics; the limit is ${metricsMax}`);
    if (Metrics.length - stats > expressionsMax)
      problems.push(`Metrics has ${Metrics.length - stats} expressions; the limit is ${expressionsMax}`);
    const returned = Metrics.filter(({ ReturnData }) => ReturnData !== false);
    if (returned.length !== 1)
      problems.push(`${returned.length} of the Metrics return data. Set ReturnData for exactly one`);
    return { queries: new QuerySet(Metrics), queryId: returned[0]?.Id ?? '' };
  }
  const Stat = Statistic ?? ExtendedStatistic;
  if (MetricName === undefined || Namespace === undefined || Period === undefined || Stat === undefined) {
    problems.push(
      'either Metrics, or MetricName, Namespace, Period and Statistic or ExtendedStatistic, are required',
    );
    return { queries: new QuerySet([]), queryId: '' };
  }
  if (Statistic !== undefined && ExtendedStatistic !== undefined)
    problems.push('only one of Statistic and ExtendedStatistic is allowed');
  const Metric = { Namespace, MetricName, Dimensions: alarm.Dimensions };
  const MetricStat = { Metric, Period, Stat, Unit: alarm.Unit };
  return { queries: new QuerySet([{ Id: 'metric', MetricStat }]), queryId: 'metric' };
}

function ruleProblems(alarm: AlarmInput): string[] {
  const { EvaluationPeriods: n, DatapointsToAlarm: m = n, ComparisonOperator: operator } = alarm;
  const { TreatMissingData: treatment = 'missing', EvaluateLowSampleCountPercentile: low = 'evaluate' } =
    alarm;
  return [
    ...(Object.hasOwn(COMPARISONS, operator) ? [] : [`the ComparisonOperator ${operator} is not supported`]),
    ...(n >= 1 && m >= 1 && m <= n
      ? []
      : [`DatapointsToAlarm ${m} is not between 1 and EvaluationPeriods ${n}`]),
    ...(TREATMENTS.includes(treatment)
      ? []
      : [`TreatMissingData ${treatment} is not one of ${TREATMENTS.join(', ')}`]),
    ...(low === 'evaluate' ? [] : [`EvaluateLowSampleCountPercentile ${low} is not supported`]),
  ];
}

/** Refuses alarm actions: locally, only a rule of EventBridge can react to an alarm. */
function actionProblems({ OKActions, AlarmActions, InsufficientDataActions }: AlarmInput): string[] {
  return Object.entries({ OKActions, AlarmActions, InsufficientDataActions }).flatMap(
    ([name, actions = []]) =>
      actions.map(
        (action) =>
          `${name} names ${action}, but alarm actions are not supported. React to the alarm's event with a rule`,
      ),
  );
}

function windowProblems({ EvaluationPeriods: n }: AlarmInput, periodSeconds: number): string[] {
  const seconds = n * periodSeconds;
  const daysMax = periodSeconds < 3600 ? 1 : 7;
  if (seconds <= daysMax * DAY_SECONDS) return [];
  return [`Period × EvaluationPeriods is ${seconds} s, the limit for this period is ${daysMax} day(s)`];
}

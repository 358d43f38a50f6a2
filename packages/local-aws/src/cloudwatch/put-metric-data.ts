import { integer, list, number, ServiceError, structure, text, type Shape } from '../aws-json';
import { LIMITS } from './limits';
import {
  metricProblems,
  timestampProblems,
  unitProblems,
  valueProblems,
  type Sample,
  type WeightedValue,
} from './metric';
import { DIMENSIONS, identityOf } from './metric-query';

const STATISTIC_SET = structure({ SampleCount: number, Sum: number, Minimum: number, Maximum: number }, {});
const DATUM = structure(
  { MetricName: text },
  {
    ...{ Dimensions: DIMENSIONS, Timestamp: number, Unit: text, StorageResolution: integer },
    ...{ Value: number, StatisticValues: STATISTIC_SET, Values: list(number), Counts: list(number) },
  },
);
type Datum = typeof DATUM extends Shape<infer T> ? T : never;

export const PUT_METRIC_DATA = structure(
  { Namespace: text, MetricData: list(DATUM, LIMITS.metricsPerRequestMax) },
  {},
);

/** Returns the samples of a request. @throws ServiceError that reports every problem; then no sample is stored */
export function samplesOf(
  { Namespace, MetricData }: { readonly Namespace: string; readonly MetricData: readonly Datum[] },
  nowMs: number,
): Sample[] {
  const problems: string[] = [];
  const samples = MetricData.map((datum) => sampleOf(Namespace, datum, nowMs, problems));
  if (problems.length > 0)
    throw new ServiceError('InvalidParameterValueException', [...new Set(problems)].join('; '));
  return samples;
}

function sampleOf(namespace: string, datum: Datum, nowMs: number, problems: string[]): Sample {
  const { MetricName: name, Unit: unit = 'None', StorageResolution: resolution = 60 } = datum;
  const metric = identityOf({ Namespace: namespace, MetricName: name, Dimensions: datum.Dimensions });
  const atMs = datum.Timestamp === undefined ? nowMs : Math.round(datum.Timestamp * 1000);
  if (resolution !== 1 && resolution !== 60)
    problems.push(`${name} has the StorageResolution ${resolution}, which is neither 1 nor 60`);
  problems.push(...metricProblems(metric), ...unitProblems(name, unit), ...timestampProblems(atMs, nowMs));
  return {
    metric,
    atMs,
    unit,
    resolutionSeconds: resolution === 1 ? 1 : 60,
    values: valuesOf(datum, problems),
  };
}

function valuesOf(datum: Datum, problems: string[]): Sample['values'] {
  const { MetricName: name, Value, StatisticValues: set, Values, Counts } = datum;
  const given = [Value, set, Values].filter((value) => value !== undefined);
  if (given.length !== 1) problems.push(`${name} must have exactly one of Value, Values and StatisticValues`);
  if (set !== undefined) {
    const { SampleCount: count, Sum: sum, Minimum: minimum, Maximum: maximum } = set;
    problems.push(...valueProblems(name, [count, sum, minimum, maximum]));
    return { count, sum, minimum, maximum };
  }
  const values = Values ?? (Value === undefined ? [] : [Value]);
  problems.push(...valueProblems(name, values));
  if (values.length > LIMITS.valuesPerMetricMax)
    problems.push(`${name} has ${values.length} values; the limit is ${LIMITS.valuesPerMetricMax}`);
  if (Counts !== undefined && (Values === undefined || Counts.length !== Values.length))
    problems.push(`${name} has ${Counts.length} Counts for ${values.length} Values`);
  return values.map((value, index): WeightedValue => ({ value, count: Counts?.[index] ?? 1 }));
}

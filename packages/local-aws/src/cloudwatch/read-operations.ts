/** Implements GetMetricData, GetMetricStatistics and ListMetrics. */
import {
  integer,
  list,
  number,
  oneOf,
  operation,
  ServiceError,
  structure,
  text,
  type Shape,
} from '../aws-json';
import { statisticOf, type Bin } from './bin';
import { LIMITS } from './limits';
import { identityProblems } from './metric';
import { DIMENSIONS, identityOf, periodProblems, QUERIES, QuerySet } from './metric-query';
import type { MetricStore } from './metric-store';

export interface Readable {
  readonly store: MetricStore;
  readonly nowMs: () => number;
}

const invalid = (message: string): ServiceError =>
  new ServiceError('InvalidParameterValueException', message);
const TIMES = { StartTime: number, EndTime: number };

const GET_METRIC_DATA = structure(
  { MetricDataQueries: QUERIES, ...TIMES },
  { ScanBy: oneOf('TimestampAscending', 'TimestampDescending'), MaxDatapoints: integer },
);
const GET_METRIC_STATISTICS = structure(
  { Namespace: text, MetricName: text, Period: integer, ...TIMES },
  { Dimensions: DIMENSIONS, Statistics: list(text), ExtendedStatistics: list(text), Unit: text },
);
const LIST_METRICS = structure(
  {},
  { Namespace: text, MetricName: text, Dimensions: list(structure({ Name: text }, { Value: text }), 10) },
);

export function readOperations(readable: Readable) {
  return {
    GetMetricData: operation(GET_METRIC_DATA, (request) => getMetricData(readable, request)),
    GetMetricStatistics: operation(GET_METRIC_STATISTICS, (request) => getStatistics(readable, request)),
    ListMetrics: operation(LIST_METRICS, (request) => listMetrics(readable, request)),
  };
}

type RequestOf<S> = S extends Shape<infer T> ? T : never;

/** Rounds the start down to a whole minute, or to the period if that is shorter. */
function windowOf(startSeconds: number, endSeconds: number, periodMs: number) {
  const granularityMs = Math.min(periodMs, 60_000);
  const startMs = Math.floor((startSeconds * 1000) / granularityMs) * granularityMs;
  const endMs = Math.ceil(endSeconds * 1000);
  if (endMs <= startMs) throw invalid('EndTime must be after StartTime');
  return { startMs, endMs };
}

function getMetricData({ store, nowMs }: Readable, request: RequestOf<typeof GET_METRIC_DATA>): object {
  const { MetricDataQueries: queries, ScanBy, MaxDatapoints = LIMITS.pointsMax } = request;
  if (queries.length > LIMITS.queriesMax)
    throw invalid(`MetricDataQueries has ${queries.length} items; the limit is ${LIMITS.queriesMax}`);
  const set = new QuerySet(queries);
  if (set.problems.length > 0) throw invalid(set.problems.join('; '));
  let points = 0;
  const results = queries
    .filter(({ ReturnData }) => ReturnData !== false)
    .map(({ Id, Label, MetricStat: stat }) => {
      const window = windowOf(request.StartTime, request.EndTime, set.periodMs(Id));
      const series = [...set.evaluate(Id, store, window, nowMs())];
      if (ScanBy !== 'TimestampAscending') series.reverse();
      points += series.length;
      return {
        Id,
        Label: Label ?? stat?.Metric.MetricName ?? Id,
        Timestamps: series.map(([atMs]) => atMs / 1000),
        Values: series.map(([, value]) => value),
        StatusCode: 'Complete',
      };
    });
  if (points > Math.min(MaxDatapoints, LIMITS.pointsMax))
    throw invalid(
      `${points} data points, over the limit of ${MaxDatapoints}. Pagination is not supported: request a shorter time range`,
    );
  return { MetricDataResults: results, Messages: [] };
}

const POINTS_PER_CALL_MAX = 1440;

function getStatistics(readable: Readable, request: RequestOf<typeof GET_METRIC_STATISTICS>): object {
  const { store, nowMs } = readable;
  const { Period, Statistics = [], ExtendedStatistics = [], Unit } = request;
  const names = [...Statistics, ...ExtendedStatistics];
  const problems = periodProblems(Period);
  if (names.length === 0) problems.push('Statistics or ExtendedStatistics are required');
  for (const name of names)
    if (statisticOf(name) === undefined) problems.push(`the statistic ${name} is not supported`);
  const metric = identityOf(request);
  problems.push(...identityProblems(metric));
  if (problems.length > 0) throw invalid(problems.join('; '));
  const periodMs = Period * 1000;
  const range = { ...windowOf(request.StartTime, request.EndTime, periodMs), periodMs };
  const points = (range.endMs - range.startMs) / periodMs;
  if (points > POINTS_PER_CALL_MAX)
    throw new ServiceError(
      'InvalidParameterCombinationException',
      `You have requested up to ${Math.ceil(points)} datapoints, which exceeds the limit of ${POINTS_PER_CALL_MAX}.`,
    );
  const units = Unit === undefined ? store.unitsOf(metric) : [Unit];
  const Datapoints = units.flatMap((unit) =>
    [...store.bins(metric, unit, range, nowMs())].map(([atMs, bin]) => ({
      Timestamp: atMs / 1000,
      Unit: unit,
      ...Object.fromEntries(Statistics.map((name) => [name, statisticOf(name)!(bin)])),
      ...(ExtendedStatistics.length === 0
        ? {}
        : { ExtendedStatistics: computeExtendedStatistics(ExtendedStatistics, bin) }),
    })),
  );
  return { Label: request.MetricName, Datapoints };
}

function computeExtendedStatistics(names: readonly string[], bin: Bin): object {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = statisticOf(name)!(bin);
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

function listMetrics({ store }: Readable, request: RequestOf<typeof LIST_METRICS>): object {
  const { Namespace, MetricName, Dimensions = [] } = request;
  const Metrics = store
    .list()
    .filter(
      ({ namespace, name, dimensions }) =>
        (Namespace ?? namespace) === namespace &&
        (MetricName ?? name) === name &&
        Dimensions.every(({ Name, Value }) =>
          Value === undefined ? Object.hasOwn(dimensions, Name) : dimensions[Name] === Value,
        ),
    )
    .map(({ namespace, name, dimensions }) => ({
      Namespace: namespace,
      MetricName: name,
      Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
    }));
  return { Metrics };
}

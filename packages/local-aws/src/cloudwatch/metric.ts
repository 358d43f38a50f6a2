import { LIMITS, UNITS } from './limits';

export interface MetricIdentity {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
}

/** Values of one metric at one time. */
export interface Sample {
  readonly metric: MetricIdentity;
  readonly atMs: number;
  readonly unit: string;
  readonly resolutionSeconds: 1 | 60;
  readonly values: readonly WeightedValue[] | StatisticSet;
}

export interface WeightedValue {
  readonly value: number;
  readonly count: number;
}

/** Values that the client has aggregated, so that percentiles are unknown. */
export interface StatisticSet {
  readonly count: number;
  readonly sum: number;
  readonly minimum: number;
  readonly maximum: number;
}

/** Returns a key of the identity, which includes the set of dimensions, but not their order. */
export function keyOf({ namespace, name, dimensions }: MetricIdentity): string {
  const sorted = Object.entries(dimensions).sort(([one], [other]) => (one < other ? -1 : 1));
  return JSON.stringify([namespace, name, sorted]);
}

/** Checks a metric that a client puts. Only AWS's own services may use the namespaces that start with AWS/. */
export function metricProblems(metric: MetricIdentity): string[] {
  const { namespace } = metric;
  const reserved = namespace.startsWith('AWS/')
    ? [`the namespace ${namespace} is reserved, because it starts with AWS/`]
    : [];
  return [...identityProblems(metric), ...reserved];
}

/** Checks the identity of a metric that is put, queried or used in an alarm. */
export function identityProblems({ namespace, name, dimensions }: MetricIdentity): string[] {
  const problems = [
    ...textProblems('the namespace', namespace, LIMITS.namespaceLengthMax),
    ...textProblems('the metric name', name, LIMITS.nameLengthMax),
  ];
  const entries = Object.entries(dimensions);
  if (entries.length > LIMITS.dimensionsMax)
    problems.push(`${name} has ${entries.length} dimensions; the limit is ${LIMITS.dimensionsMax}`);
  for (const [dimension, value] of entries) {
    problems.push(...textProblems('the dimension name', dimension, LIMITS.nameLengthMax));
    problems.push(...textProblems(`the value of ${dimension}`, value, LIMITS.dimensionValueLengthMax));
  }
  return problems;
}

export function valueProblems(name: string, values: readonly unknown[]): string[] {
  return values
    .filter((value) => typeof value !== 'number' || !(Math.abs(value) <= LIMITS.valueMax))
    .map((value) => `${name} has the value ${JSON.stringify(value)}, which is not a number within ±2^360`);
}

export function unitProblems(name: string, unit: unknown): string[] {
  return UNITS.includes(unit as string) ? [] : [`${name} has the unknown unit ${JSON.stringify(unit)}`];
}

export function timestampProblems(atMs: number, nowMs: number): string[] {
  const ageMs = nowMs - atMs;
  if (ageMs <= LIMITS.pastMsMax && ageMs >= -LIMITS.futureMsMax) return [];
  const at = Number.isFinite(atMs) && Math.abs(atMs) < 8.64e15 ? new Date(atMs).toISOString() : String(atMs);
  return [`the timestamp ${at} is more than two weeks in the past or more than two hours in the future`];
}

function textProblems(what: string, value: string, lengthMax: number): string[] {
  if (value.length > lengthMax)
    return [`${what} has ${value.length} characters; the limit is ${lengthMax}: ${value.slice(0, 40)}…`];
  if (!/^[\x20-\x7e]*[\x21-\x7e][\x20-\x7e]*$/.test(value) || value.startsWith(':'))
    return [`${what} ${JSON.stringify(value)} is empty, starts with a colon or is not printable ASCII`];
  return [];
}

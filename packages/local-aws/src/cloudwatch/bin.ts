import type { Sample, StatisticSet } from './metric';

/** The values of one metric in one interval. */
export interface Bin {
  count: number;
  sum: number;
  minimum: number;
  maximum: number;
  /** The count of each value; undefined if the bin contains a statistic set. */
  values: Map<number, number> | undefined;
}

export type Statistic = (bin: Bin) => number | undefined;

export const emptyBin = (): Bin => ({
  count: 0,
  sum: 0,
  minimum: Infinity,
  maximum: -Infinity,
  values: new Map(),
});

export function addSample(bin: Bin, values: Sample['values']): void {
  if ('sum' in values) return addSet(bin, values);
  for (const { value, count } of values) {
    addSet(bin, { count, sum: value * count, minimum: value, maximum: value }, true);
    bin.values?.set(value, (bin.values.get(value) ?? 0) + count);
  }
}

export function addBin(bin: Bin, added: Bin): void {
  addSet(bin, added, true);
  if (added.values === undefined) bin.values = undefined;
  for (const [value, count] of added.values ?? []) {
    bin.values?.set(value, (bin.values.get(value) ?? 0) + count);
  }
}

function addSet(bin: Bin, { count, sum, minimum, maximum }: StatisticSet, keepsValues = false): void {
  bin.count += count;
  bin.sum += sum;
  bin.minimum = Math.min(bin.minimum, minimum);
  bin.maximum = Math.max(bin.maximum, maximum);
  if (!keepsValues) bin.values = undefined;
}

const SIMPLE: Readonly<Record<string, Statistic>> = {
  SampleCount: ({ count }) => count,
  Average: ({ sum, count }) => sum / count,
  Sum: ({ sum }) => sum,
  Minimum: ({ minimum }) => minimum,
  Maximum: ({ maximum }) => maximum,
};

/** Returns undefined for a statistic that is not supported, such as a trimmed mean. */
export function statisticOf(name: string): Statistic | undefined {
  if (Object.hasOwn(SIMPLE, name)) return SIMPLE[name];
  const percent = /^p(\d{1,3}(?:\.\d{1,10})?)$/.exec(name)?.[1];
  if (percent === undefined || Number(percent) > 100) return undefined;
  return (bin) => percentile(bin, Number(percent));
}

/** Returns the nearest rank, which is one of the recorded values. CloudWatch estimates it from a histogram. */
function percentile({ values, count, minimum, maximum }: Bin, percent: number): number | undefined {
  if (values === undefined) return minimum === maximum ? minimum : undefined;
  let left = (percent / 100) * count;
  for (const [value, weight] of [...values].sort(([one], [other]) => one - other)) {
    left -= weight;
    if (left <= 1e-9) return value;
  }
  return maximum;
}

import { availableParallelism, cpus, totalmem } from 'node:os';

/** The runs of one method. */
export interface Method {
  readonly name: string;
  readonly unit: string;
  readonly median: number;
  readonly min: number;
  readonly max: number;
  readonly runs: number;
}

/** A measured figure and its goal. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly goal: string;
  readonly isMet: boolean;
  /** The values that it was computed from, where they add information. */
  readonly of?: string;
}

export interface BenchReport {
  readonly command: string;
  readonly machine: Readonly<Record<string, string | number>>;
  readonly methods: readonly Method[];
  readonly figures: readonly Figure[];
}

export const machine = (): BenchReport['machine'] => ({
  cpus: availableParallelism(),
  cpuModel: cpus()[0]?.model ?? 'unknown',
  memoryBytes: totalmem(),
  node: process.version,
  platform: `${process.platform}-${process.arch}`,
});

const rounded = (value: number): number => Number(value.toPrecision(4));

export function methodOf(name: string, unit: string, values: readonly number[]): Method {
  const sorted = [...values].sort((left, right) => left - right);
  const middle = Math.floor(sorted.length / 2);
  const median = sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
  return {
    name,
    unit,
    median: rounded(median),
    min: rounded(sorted[0]!),
    max: rounded(sorted.at(-1)!),
    runs: values.length,
  };
}

export const atLeast = (name: string, value: number, goal: number): Figure => ({
  name,
  value: rounded(value),
  goal: `>= ${goal}`,
  isMet: value >= goal,
});

export const atMost = (name: string, value: number, goal: number): Figure => ({
  name,
  value: rounded(value),
  goal: `<= ${goal}`,
  isMet: value <= goal,
});

export const below = (name: string, value: number, goal: number): Figure => ({
  name,
  value: rounded(value),
  goal: `< ${goal}`,
  isMet: value < goal,
});

/** Formats a report as a table. */
export function textOf(report: BenchReport): string {
  const methods = report.methods.map(
    ({ name, unit, median, min, max, runs }) =>
      `  ${name.padEnd(42)} ${String(median).padStart(10)} ${unit.padEnd(9)} (${min} to ${max}, ${runs} run${runs === 1 ? '' : 's'})`,
  );
  const figures = report.figures.map(
    ({ name, value, goal, isMet, of }) =>
      `  ${name.padEnd(42)} ${String(value).padStart(10)} ${goal.padEnd(8)} ${isMet ? 'met' : 'NOT MET'}${of === undefined ? '' : ` (${of})`}`,
  );
  return ['methods', ...methods, 'figures', ...figures].join('\n');
}

import { availableParallelism, cpus, totalmem } from 'node:os';

/** One way's runs. */
export interface Way {
  readonly name: string;
  readonly unit: string;
  readonly median: number;
  readonly min: number;
  readonly max: number;
  readonly runs: number;
}

/** A measured figure and the bar it is held against. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly bar: string;
  readonly holds: boolean;
  /** What it was computed from, where that tells more. */
  readonly of?: string;
}

export interface BenchReport {
  readonly command: string;
  readonly machine: Readonly<Record<string, string | number>>;
  readonly ways: readonly Way[];
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

export function wayOf(name: string, unit: string, values: readonly number[]): Way {
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

export const atLeast = (name: string, value: number, bar: number): Figure => ({
  name,
  value: rounded(value),
  bar: `>= ${bar}`,
  holds: value >= bar,
});

export const atMost = (name: string, value: number, bar: number): Figure => ({
  name,
  value: rounded(value),
  bar: `<= ${bar}`,
  holds: value <= bar,
});

export const below = (name: string, value: number, bar: number): Figure => ({
  name,
  value: rounded(value),
  bar: `< ${bar}`,
  holds: value < bar,
});

/** A table for people. */
export function textOf(report: BenchReport): string {
  const ways = report.ways.map(
    ({ name, unit, median, min, max, runs }) =>
      `  ${name.padEnd(42)} ${String(median).padStart(10)} ${unit.padEnd(9)} (${min} to ${max}, ${runs} run${runs === 1 ? '' : 's'})`,
  );
  const figures = report.figures.map(
    ({ name, value, bar, holds, of }) =>
      `  ${name.padEnd(42)} ${String(value).padStart(10)} ${bar.padEnd(8)} ${holds ? 'holds' : 'DOES NOT HOLD'}${of === undefined ? '' : ` (${of})`}`,
  );
  return ['ways', ...ways, 'figures', ...figures].join('\n');
}

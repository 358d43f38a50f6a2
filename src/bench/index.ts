import { benchCopy } from './copy';
import { textOf, type BenchReport } from './report';

export interface BenchOptions {
  readonly what: 'copy';
  readonly quick: boolean;
  readonly json: boolean;
}

/** Measures; prints progress to stderr, and a table, or one JSON object as the last line, to stdout. */
export async function bench({ quick, json }: BenchOptions): Promise<BenchReport> {
  const started = Date.now();
  const log = (line: string) =>
    process.stderr.write(`${((Date.now() - started) / 1000).toFixed(0).padStart(4)} s  ${line}\n`);
  const report = await benchCopy({ quick, log });
  process.stdout.write(`${json ? JSON.stringify(report) : textOf(report)}\n`);
  return report;
}

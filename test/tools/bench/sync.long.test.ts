/** The sync benchmark at a small scale: its figures mean little, but no row may be lost, and every figure must be reported. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { BenchReport } from '../../../tools/bench/report';

const BENCH = join(__dirname, '..', '..', '..', 'tools', 'bench', 'main.ts');
const SQL_TEXT = join(__dirname, '..', '..', '..', 'bin', 'sql-text.cjs');

test('measures the cost of capture and the rate of applied changes, and loses none', async () => {
  const words = [
    '--require',
    SQL_TEXT,
    '--import',
    'tsx',
    BENCH,
    'sync',
    '--seconds',
    '6',
    '--scale',
    '1',
    '--json',
  ];
  const { stdout } = await promisify(execFile)(process.execPath, words);
  const { figures, methods } = JSON.parse(stdout.trimEnd().split('\n').at(-1)!) as BenchReport;
  expect(figures.map(({ name }) => name)).toEqual([
    'source_p95_ratio',
    'applier_over_change_rate',
    'lag_after_burst_s',
    'lost',
    'extra',
  ]);
  expect(figures.slice(3).map(({ value }) => value)).toEqual([0, 0]);
  expect(figures.slice(0, 2).filter(({ value, of = '' }) => !(value > 0 && of.includes(' / ')))).toEqual([]);
  expect(methods.slice(0, 10).filter(({ median }) => !(median > 0))).toEqual([]);
}, 300_000);

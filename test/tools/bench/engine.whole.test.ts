/** The engine benchmark at a small scale: every figure must be reported. Its goals are for a quiet machine. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { BenchReport } from '../../../tools/bench/report';

const BENCH = join(__dirname, '..', '..', '..', 'tools', 'bench', 'main.ts');
const SQL_TEXT = join(__dirname, '..', '..', '..', 'bin', 'sql-text.cjs');

test('measures a state transition and a warm call, which costs more', async () => {
  const words = ['--require', SQL_TEXT, '--import', 'tsx', BENCH, 'engine', '--quick', '--json'];
  const { stdout } = await promisify(execFile)(process.execPath, words);
  const { figures, methods } = JSON.parse(stdout.trimEnd().split('\n').at(-1)!) as BenchReport;
  expect(figures.map(({ name, goal }) => [name, goal])).toEqual([
    ['transition_ms', '< 2'],
    ['invoke_ms', '< 3'],
  ]);
  expect(figures[0]!.value).toBeGreaterThan(0);
  expect(figures[1]!.value).toBeGreaterThan(figures[0]!.value);
  expect(methods.map(({ runs }) => runs)).toEqual([5, 5, 5]);
});

/** The guard's benchmark at a small scale: every figure must be reported, and no write may pass a closed guard. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { BenchReport } from '../../../tools/bench/report';

const BENCH = join(__dirname, '..', '..', '..', 'tools', 'bench', 'main.ts');
const SQL_TEXT = join(__dirname, '..', '..', '..', 'bin', 'sql-text.cjs');

jest.setTimeout(240_000);

test('measures closing, opening and leaks', async () => {
  const words = ['--require', SQL_TEXT, '--import', 'tsx', BENCH, 'guard', '--quick', '--json'];
  const { stdout } = await promisify(execFile)(process.execPath, words);
  const { figures } = JSON.parse(stdout.trimEnd().split('\n').at(-1)!) as BenchReport;
  expect(figures.map(({ name, goal }) => [name, goal])).toEqual([
    ['close_ms_400_tables', '<= 30'],
    ['open_ms_under_locks', '<= 100'],
    ['writers_p99_ms', '<= 20'],
    ['leaked_writes', '<= 0'],
  ]);
  expect(figures.at(-1)!.value).toBe(0);
});

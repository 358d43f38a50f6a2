/** The bench of the engine, in small: every number must be there. Its bars are for a quiet machine. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { BenchReport } from '../../../tools/bench/report';

const BENCH = join(__dirname, '..', '..', '..', 'tools', 'bench', 'main.ts');

test('it measures a state transition and a warm call, the call costing more', async () => {
  const words = ['--import', 'tsx', BENCH, 'engine', '--quick', '--json'];
  const { stdout } = await promisify(execFile)(process.execPath, words);
  const { figures, ways } = JSON.parse(stdout.trimEnd().split('\n').at(-1)!) as BenchReport;
  expect(figures.map(({ name, bar }) => [name, bar])).toEqual([
    ['transition_ms', '< 2'],
    ['invoke_ms', '< 3'],
  ]);
  expect(figures[0]!.value).toBeGreaterThan(0);
  expect(figures[1]!.value).toBeGreaterThan(figures[0]!.value);
  expect(ways.map(({ runs }) => runs)).toEqual([5, 5, 5]);
});

import { execFile } from 'node:child_process';
import { join } from 'node:path';

const BENCH = join(__dirname, '..', '..', '..', 'tools', 'bench', 'main.ts');
const SQL_TEXT = join(__dirname, '..', '..', '..', 'bin', 'sql-text.cjs');

const run = (...words: string[]): Promise<{ code: unknown; stdout: string; stderr: string }> =>
  new Promise((resolve) => {
    execFile(
      process.execPath,
      ['--require', SQL_TEXT, '--import', 'tsx', BENCH, ...words],
      (error, stdout, stderr) => resolve({ code: error?.code ?? 0, stdout, stderr }),
    );
  });

test('a wrong command line is refused with every problem and the remedy', async () => {
  const { code, stdout, stderr } = await run('everything', 'else', '--scale', '0');
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain('the subject is "everything"; use one of copy, sync, guard, engine');
  expect(stderr).toContain('unexpected "else"; give one subject');
  expect(stderr).toContain('--scale is "0"; give a whole number from 1 to 1000');
});

test('flags of sync are refused for other subjects', async () => {
  const { code, stderr } = await run('copy', '--scale', '3');
  expect(code).toBe(2);
  expect(stderr).toContain('--seconds and --scale apply to sync only; leave them out');
});

test('--help lists the subjects', async () => {
  const { code, stdout } = await run('--help');
  expect(code).toBe(0);
  expect(stdout).toMatch(/copy[^]*sync[^]*engine/);
});

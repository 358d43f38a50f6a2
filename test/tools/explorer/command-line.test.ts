import { execFile } from 'node:child_process';
import { join } from 'node:path';

const EXPLORE = join(__dirname, '..', '..', '..', 'tools', 'explorer', 'main.ts');

const run = (...words: string[]): Promise<{ code: unknown; stdout: string; stderr: string }> =>
  new Promise((resolve) => {
    execFile(process.execPath, ['--import', 'tsx', EXPLORE, ...words], (error, stdout, stderr) =>
      resolve({ code: error?.code ?? 0, stdout, stderr }),
    );
  });

test('--json prints one object on one line', async () => {
  const { code, stdout } = await run('--only', 'two planners', '--states', '50', '--scenarios', '--json');
  expect(code).toBe(0);
  expect(stdout.trimEnd().split('\n')).toHaveLength(1);
  expect(JSON.parse(stdout)).toMatchObject({
    states: 50,
    scenarios: [{ scenario: 'two planners' }],
    mutations: [],
  });
});

test.each([
  [['--states', '0'], '--states is "0"; give a whole number above 0'],
  [['--only', 'nothing'], '--only is "nothing"; no scenario or mutation has it in its name'],
  [['--mutants'], "Unknown option '--mutants'"],
])('%p is refused', async (words, message) => {
  const { code, stderr } = await run(...words);
  expect(code).toBe(2);
  expect(stderr).toContain(message);
  expect(stderr).toContain('npm run explore -- --help');
});

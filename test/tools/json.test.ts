/** The rule for scripts holds for the tools, too: with `--json`, stdout is exactly one JSON object on one line. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

const ROOT = join(__dirname, '..', '..');
const TOOLS: Readonly<Record<string, string>> = {
  explore: 'tools/explorer/main.ts',
  bench: 'tools/bench/main.ts',
};

interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

async function outcomeOf(child: ChildProcess): Promise<Outcome> {
  let [stdout, stderr] = ['', ''];
  child.stdout!.on('data', (part: Buffer) => (stdout += part.toString()));
  child.stderr!.on('data', (part: Buffer) => (stderr += part.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stdout, stderr };
}

const start = (...words: readonly string[]): ChildProcess =>
  spawn(process.execPath, ['--require', './bin/sql-text.cjs', '--require', 'tsx/cjs', ...words], {
    cwd: ROOT,
  });
/** Runs a program with `--json`, once in the place of its name, which parseArgs reads as well. */
const startProgram = (program: string): ChildProcess => start('-e', program, '--', '--json', '--json');

/** @throws Error unless the text is one JSON object on one line */
function objectIn(stdout: string): unknown {
  expect(stdout).toMatch(/^\{.*\}\n$/);
  return JSON.parse(stdout);
}

test.each(Object.entries(TOOLS))('%s --json prints a wrong command line', async (command, file) => {
  const { code, stdout, stderr } = await outcomeOf(start(file, '--json', '--nonsense'));
  expect(code).toBe(2);
  expect(objectIn(stdout)).toEqual({
    command,
    error: { kind: 'usage', message: expect.stringContaining('--nonsense') as string },
  });
  expect(stderr).toMatch(new RegExp(`^${command}: Unknown option .*\\nnpm run ${command} -- --help .*\\n$`));
});

test.each(Object.entries(TOOLS))('%s --json --help prints an object', async (command, file) => {
  const { code, stdout } = await outcomeOf(start(file, '--json', '--help'));
  expect(code).toBe(0);
  expect(objectIn(stdout)).toEqual({ command, help: expect.stringContaining('--json') as string });
});

/** Runs a tool that does something else. */
const toolThat = (run: string): string =>
  `require('./tools/command-line.ts').runTool({ name: 'bench', help: '', helpDoes: '', run: () => ${run} });`;

test('a signal is printed', async () => {
  const child = startProgram(
    toolThat("new Promise(() => { setInterval(() => undefined, 1000); console.error('ready'); })"),
  );
  const outcome = outcomeOf(child);
  await once(child.stderr!, 'data');
  child.kill('SIGTERM');
  const { code, stdout } = await outcome;
  expect(code).toBe(143);
  expect(objectIn(stdout)).toEqual({
    command: 'bench',
    error: { kind: 'interrupted', message: 'interrupted' },
  });
});

test('an unexpected error is printed, with its stack on stderr', async () => {
  const child = startProgram(toolThat("Promise.reject(new TypeError('x is undefined'))"));
  const { code, stdout, stderr } = await outcomeOf(child);
  expect(code).toBe(1);
  expect(objectIn(stdout)).toEqual({
    command: 'bench',
    error: { kind: 'unexpected', message: 'x is undefined' },
  });
  expect(stderr).toMatch(/TypeError: x is undefined\n +at /);
});

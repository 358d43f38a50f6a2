/** The rule for scripts: with `--json`, stdout is exactly one JSON object on one line, however the command line ends. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { MigrationReport } from '../../src/core/ledger';
import { explainAwsError } from '../../src/cli/aws-failures';
import { CommandFailed } from '../../src/cli/failures';
import type { Verb } from '../../src/cli/verb';
import { VERBS } from '../../src/cli/verbs';
import { RehearsalRefused } from '../../src/rehearsal/seed/refusal';
import { run } from './support';

const TEXT = 'two\nlines';
/** Thrown by the part that does a verb's work; none: the work succeeds. */
let mockFailure: Error | undefined;
const mockWork = async <T>(result: T): Promise<T> => {
  if (mockFailure !== undefined) throw mockFailure;
  return result;
};

jest.mock('../../src/rehearsal/chaos', () => ({
  chaos: () => mockWork({ seeds: 1, consistent: 1, inconsistent: [{ doubts: [TEXT] }] }),
}));
jest.mock('../../src/rehearsal/chaos/ownership', () => ({
  ...jest.requireActual<object>('../../src/rehearsal/chaos/ownership'),
  ownershipChaos: () => mockWork({ seeds: 1, untouched: 1, rehearsed: [{ doubts: [TEXT] }] }),
}));
jest.mock('../../src/rehearsal/rehearse', () => ({
  ...jest.requireActual<object>('../../src/rehearsal/rehearse'),
  rehearse: (_options: unknown, screen: { line(text: string): void }) => {
    screen.line('progress');
    return mockWork({ verdict: 'pass', doubts: [TEXT] });
  },
}));
const NOTHING = { kind: 'nothing', why: TEXT };
const NO_GUARDS = { guards: [] };
jest.mock('../../src/adapters/ownership-world', () => ({
  createOwnershipWorld: () => ({}),
  createForgetWorld: () => Promise.resolve({}),
}));
jest.mock('../../src/core/ownership/adopt', () => ({
  decideAdoption: () =>
    mockWork({
      found: { record: null, sides: { source: NO_GUARDS, target: NO_GUARDS } },
      decision: NOTHING,
    }),
}));
jest.mock('../../src/core/ownership/forget', () => ({
  decideForgetting: () => mockWork({ found: NO_GUARDS, decision: NOTHING }),
}));
jest.mock('../../src/cli/operator', () => ({
  Operator: class {
    report(): Promise<unknown> {
      const record = {
        status: 'running',
        execution: null,
        reason: TEXT,
        captureLost: null,
        writes: 'source',
      };
      return mockWork({
        record,
        tables: [],
        problems: [],
        sync: null,
        failure: [],
        journal: [],
      } satisfies Record<keyof MigrationReport, unknown>);
    }
    deployedCode(): Promise<string> {
      return Promise.resolve('c0de0001');
    }
  },
}));

beforeEach(() => (mockFailure = undefined));

const WITH_JSON = VERBS.filter(({ flags }) => 'json' in flags).map(({ name }) => name);
const REQUIRED: Readonly<Record<string, readonly string[]>> = {
  status: ['orders'],
  adopt: ['orders', '--person', 'Ada'],
  forget: ['orders', '--person', 'Ada', '--side', 'source'],
};
const wordsOf = (name: string): string[] => [name, ...(REQUIRED[name] ?? []), '--json'];

/** @throws Error unless the text is one JSON object on one line */
function objectIn(out: string): Record<string, unknown> {
  expect(out).toMatch(/^\{.*\}$/);
  return JSON.parse(out) as Record<string, unknown>;
}

test('status, rehearse, chaos, adopt and forget have the flag', () => {
  expect([...WITH_JSON].sort()).toEqual(['adopt', 'chaos', 'forget', 'rehearse', 'status']);
});

test.each(WITH_JSON)('%s --json prints its result', async (name) => {
  const { code, out } = await run(wordsOf(name));
  expect(code).toBe(0);
  const result = objectIn(out);
  expect(result).not.toHaveProperty('error');
  expect(JSON.stringify(result)).toContain(JSON.stringify(TEXT));
});

test('chaos --only ownership --json prints its result', async () => {
  const { code, out } = await run(['chaos', '--only', 'ownership', '--json']);
  expect(code).toBe(0);
  expect(objectIn(out)).toMatchObject({ untouched: 1, rehearsed: [{ doubts: [TEXT] }] });
});

const awsError = Object.assign(new Error('not authorized'), { name: 'AccessDeniedException' });
const FAILURES: [kind: string, code: number, failure: Error, message: RegExp][] = [
  ['failed', 1, new CommandFailed('sign in\nagain'), /^sign in\nagain$/],
  ['failed', 1, new RehearsalRefused('name another directory'), /^name another directory$/],
  ['failed', 1, explainAwsError(awsError, 'dev') as Error, /^AWS denied access: not authorized/],
  ['unexpected', 1, Object.assign(new Error('slow'), { name: 'AnErrorOfAws' }), /^slow$/],
];

describe.each(WITH_JSON)('%s --json that fails', (command) => {
  test.each(FAILURES)(
    'prints the error, of kind %s, exit code %i: %p',
    async (kind, code, failure, message) => {
      mockFailure = failure;
      const outcome = await run(wordsOf(command));
      expect(outcome.code).toBe(code);
      expect(objectIn(outcome.out)).toEqual({
        command,
        error: { kind, message: expect.stringMatching(message) as string },
      });
      expect(outcome.err).toContain(`sluice ${command}: `);
    },
  );

  test('prints the interruption', async () => {
    mockFailure = new Error('stopped');
    const { code, out, err } = await run(wordsOf(command), { signal: AbortSignal.abort() });
    expect([code, err]).toEqual([130, expect.stringMatching(`sluice ${command}: interrupted$`)]);
    expect(objectIn(out)).toEqual({ command, error: { kind: 'interrupted', message: 'interrupted' } });
  });
});

/** Every command line is wrong, with `--json` at any place. */
const WRONG: [command: string | null, words: string[], message: string][] = [
  ...VERBS.map(({ name }): [string, string[], string] => [
    name,
    [name, '--nonsense', '--json'],
    '--nonsense',
  ]),
  ['status', ['status', '--json'], '<migration> is missing'],
  ['status', ['status', '--json', 'orders', '--env', 'DEV'], '--env is "DEV"'],
  ['chaos', ['chaos', '--only', 'everything', '--json'], '--only is "everything"; give ownership'],
  ['chaos', ['chaos', '--only', 'ownership', '--faults', 'slow', '--json'], '--faults is given with --only'],
  ['start', ['start', 'orders', '--json'], '--json is not a flag of this command'],
  ['migrate', ['migrate', '--json'], 'unknown command "migrate"'],
  [null, ['--json'], 'unknown command "--json"'],
  [null, ['--json', 'status', 'orders'], 'unknown command "--json"'],
];

test.each(WRONG)('a wrong command line of %p prints the error: %p', async (command, words, message) => {
  const { code, out, err } = await run(words);
  expect(code).toBe(2);
  expect(objectIn(out)).toEqual({
    command,
    error: { kind: 'usage', message: expect.stringContaining(message) as string },
  });
  expect(err).toContain(message);
});

test.each([
  ['help', ['help', '--json']],
  [null, ['--help', '--json']],
  ['status', ['status', '--json', '--help']],
])('help of %p is an object, too: %p', async (command, words) => {
  const { code, out } = await run(words);
  expect(code).toBe(0);
  expect(objectIn(out)).toEqual({ command, help: expect.stringContaining('sluice') as string });
});

test('a failure after the result does not print a second object', async () => {
  const verb: Verb = {
    ...{ name: 'late', summary: '', positionals: [], flags: { json: { description: '' } } },
    run: (_given, terminal) => {
      terminal.out('{"verdict":"pass"}');
      return Promise.reject(new CommandFailed('the directory cannot be removed'));
    },
  };
  const { code, out } = await run(['late', '--json'], { verbs: [verb] });
  expect([code, objectIn(out)]).toEqual([1, { verdict: 'pass' }]);
});

/** A command that never ends. */
const ENDLESS = `
  const { processTerminal } = require('./src/cli/process-terminal');
  const terminal = processTerminal('{"last":"line"}');
  if (process.argv[1] === 'printed') terminal.out('{"result":1}');
  setInterval(() => undefined, 1000);
  terminal.err('ready');`;

test.each([
  ['nothing', '{"last":"line"}\n'],
  ['printed', '{"result":1}\n'],
])('the signal that exits immediately prints one object, too: after %s', async (before, expected) => {
  const child = spawn(process.execPath, ['--require', 'tsx/cjs', '-e', ENDLESS, before]);
  let out = '';
  child.stdout.on('data', (part: Buffer) => (out += part.toString()));
  await once(child.stderr, 'data');
  child.kill('SIGINT');
  const repeated = setInterval(() => child.kill('SIGINT'), 500);
  const [code] = (await once(child, 'close')) as [number];
  clearInterval(repeated);
  expect([code, out]).toEqual([130, expected]);
});

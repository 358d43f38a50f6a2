import { CommandFailed } from '../../src/cli/failures';
import type { Verb } from '../../src/cli/verb';
import { VERBS } from '../../src/cli/verbs';
import { run } from './support';

test.each<[string[], string[]]>([
  [['start'], ['<migration> is missing; give the name of a migration, as in migrations/<name>.ts']],
  [['start', 'a', 'b'], ['"b" is an extra argument; leave it out']],
  [['start', 'Ünfug'], ['<migration> is "Ünfug"; use 1 to 40 lower-case letters']],
  [['start', 'orders', '--env', 'DEV'], ['--env is "DEV"; name an environment of cdk.json']],
  [['start', 'orders', '--environment', 'dev'], ['--environment is not a flag of this command; use --env']],
  [['start', 'orders', '-e=dev'], ['-e is not a flag of this command']],
  [['start', 'orders', '--env'], ['--env has no value; write --env NAME']],
  [['start', 'orders', '--env', 'dev', '--env', 'prod'], ['--env is given twice; give it once']],
  [['status', 'orders', '--json=yes'], ['--json takes no value, but got "yes"']],
  [['abort', 'orders'], ['--reason is missing; give the reason']],
  [['abort', 'orders', '--reason='], ['--reason has no value; write --reason TEXT']],
  [['abort', 'orders', '--reason', 'x'.repeat(1_001)], ['--reason has 1001 characters; use at most 1000']],
  [['rehearse', '--rows', '1e3'], ['--rows is "1e3"; give a whole number from 1 to']],
  [['rehearse', '--rows', '0'], ['--rows is "0"; give a whole number from 1 to']],
  [['rehearse', '--seed', '-1'], ['--seed has no value before -1']],
  [
    ['rehearse', '--migration', 'nowhere'],
    ['--migration is "nowhere"; migrations/ has', 'orders'],
  ],
  [['rehearse', '--resume'], ['--resume needs --state; name the directory of the rehearsal']],
  [['rehearse', '--source-url', 'mysql://u@h/d'], ['--source-url has the scheme mysql:; give postgres://']],
  [
    ['rehearse', '--target-url', 'postgres://h'],
    ['--target-url has no user', '--target-url has no database'],
  ],
  [['rehearse', '--faults', 'kill-lambda,gremlins'], ['--faults names gremlins; use all, kill-lambda']],
  [
    ['rehearse', '--faults', ','],
    ['has 1 problem(s)', '--faults is "," and has an empty name'],
  ],
  [
    ['local', '--faults', 'kill-lambda,,nonsense'],
    ['has 2 problem(s)', '--faults is "kill-lambda,,nonsense" and has an empty name', 'names nonsense;'],
  ],
  [['local', '--faults', 'kill-lambda,nonsense'], ['--faults names nonsense; use all, kill-lambda']],
  [['local', '--row-limit', 'none'], ['--row-limit is "none"; give on or off']],
  [['rehearse', '--row-limit', 'OFF'], ['--row-limit is "OFF"; give on or off']],
  [['local', '--resume'], ['--resume is not a flag of this command']],
  [
    ['rehearse', 'orders', 'twice', '--rows', 'many', '--fast', '--state'],
    [
      'has 4 problem(s)',
      '--fast is not a flag',
      '--state has no value',
      '"twice" is an extra argument',
      '--rows is "many"',
    ],
  ],
  [
    ['rehearse', 'nothing', '--migration', 'orders'],
    ['has 1 problem(s)', '--migration is orders, but the argument is "nothing"'],
  ],
  [
    ['rehearse', 'nothing'],
    ['<migration> is "nothing"; migrations/ has billing, every-type, orders, orders-live'],
  ],
])('refuses %p and reports every problem', async (words, messages) => {
  const { code, out, err } = await run(words);
  expect({ code, out }).toEqual({ code: 2, out: '' });
  for (const message of messages) expect(err).toContain(message);
  const isNpmScript = ['rehearse', 'chaos'].includes(words[0]!);
  expect(err).toContain(isNpmScript ? `npm run ${words[0]} -- --help` : `npx sluice ${words[0]} --help`);
});

test('does not show the password of an invalid URL', async () => {
  const { err } = await run(['rehearse', '--source-url', 'postgres//u:secret@h/d']);
  expect(err).toContain('--source-url is not a URL');
  expect(err).not.toContain('secret');
});

test('prints help and fails without a command, and succeeds with --help', async () => {
  const [bare, help] = [await run([]), await run(['--help'])];
  expect([bare.code, help.code]).toEqual([2, 0]);
  expect(bare.err).toBe(help.out);
  for (const { name, summary } of VERBS) {
    expect(help.out).toContain(name);
    expect(help.out).toContain(summary);
  }
});

test('names an unknown command and lists the known ones', async () => {
  const { code, err } = await run(['migrate']);
  expect(code).toBe(2);
  expect(err).toMatch(/unknown command "migrate"; use one of .*start/);
});

test.each(VERBS.map((verb) => [verb.name, verb] as const))(
  '%s --help lists every flag and the exit codes',
  async (name, { flags }) => {
    const { code, out } = await run([name, '--help']);
    expect(code).toBe(0);
    for (const flag of Object.keys(flags)) expect(out).toContain(`--${flag}`);
    expect(out).toContain(
      'Exit codes: 0 success; 1 failed, held or in doubt; 2 wrong command line; 3 nothing was changed; 130 interrupted.',
    );
  },
);

const failing = (error: Error): Verb => ({
  name: 'fail',
  summary: '',
  positionals: [],
  flags: {},
  run: () => Promise.reject(error),
});

test('shows the stack of an unexpected error only', async () => {
  const ours = await run(['fail'], { verbs: [failing(new TypeError('x is undefined'))] });
  const theirs = await run(['fail'], { verbs: [failing(new CommandFailed('sign in'))] });
  expect([ours.code, theirs.code]).toEqual([1, 1]);
  expect(ours.err).toMatch(/x is undefined\n +at /);
  expect(theirs.err).toBe('sluice fail: sign in');
});

test('exits with 130 after an interruption', async () => {
  const controller = new AbortController();
  controller.abort();
  const { code, err } = await run(['fail'], {
    verbs: [failing(new Error('stopped'))],
    signal: controller.signal,
  });
  expect([code, err]).toEqual([130, 'sluice fail: interrupted']);
});

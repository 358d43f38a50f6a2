import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Arguments } from '../../src/cli/arguments';
import { VERBS } from '../../src/cli/verbs';
import { HELP } from '../../src/cli/verb';
import { documents, ROOT, shellLinesOf } from './documents';

const SCRIPTS = (
  JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: Record<string, string> }
).scripts;
/** Commands of npm itself. */
const NPM_COMMANDS = ['ci'];
/** Programs of others, whose arguments are not checked. */
const OTHERS = /^(\. |aws |install |psql |npx cdk (synth|deploy) )/;

/** Splits a line into words as a shell does, without redirections. */
const words = (line: string): string[] =>
  [...line.replace(/\s>\s*\S+/g, '').matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(
    (match) => match[1] ?? match[2] ?? match[3]!,
  );

/** Returns why a command line of a page cannot work, or undefined. */
function wrongWith(line: string): string | undefined {
  if (OTHERS.test(line)) return undefined;
  const [program, command = '', ...rest] = words(line);
  if (program === 'npm') return wrongWithNpm(command, rest);
  if (program === 'npx' && command === 'sluice') return wrongWithSluice(rest);
  return program !== undefined && existsSync(join(ROOT, program))
    ? undefined
    : `there is no program ${program}`;
}

function wrongWithNpm(command: string, rest: readonly string[]): string | undefined {
  const script = command === 'run' ? rest[0] : command;
  if (NPM_COMMANDS.includes(command) || (script !== undefined && Object.hasOwn(SCRIPTS, script)))
    return undefined;
  return `package.json has no script ${script}`;
}

function wrongWithSluice([name, ...rest]: readonly string[]): string | undefined {
  const verb = VERBS.find((candidate) => candidate.name === name);
  if (!verb) return `sluice has no command ${name}`;
  const { positionals, flags } = verb;
  const given = new Arguments(
    { positionals, flags: { ...flags, help: HELP } },
    // <migration> and <env> in a page are placeholders for names.
    rest.map((word) => word.replace(/[<>]/g, '')),
  );
  try {
    given.check();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

const all = documents.flatMap((document) =>
  shellLinesOf(document).map((line) => ({ path: document.path, line })),
);

test('there are commands to check', () => {
  expect(all.map(({ line }) => line)).toEqual(
    expect.arrayContaining(['npm ci', 'npm run rehearse', 'npm test', 'npx cdk deploy -c env=dev']),
  );
});

test.each(all)('$path: $line', ({ line }) => expect(wrongWith(line)).toBeUndefined());

test.each([
  'npm run rehears',
  'npm tset',
  'npx sluice begin orders',
  'npx sluice start',
  'npx sluice start orders --environment dev',
  'npx sluice abort orders --reason',
  'bin/nothing',
])('%s is detected', (line) => expect(wrongWith(line)).toBeDefined());

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Arguments } from '../../src/cli/arguments';
import { VERBS } from '../../src/cli/verbs';
import { HELP } from '../../src/cli/verb';
import { linesThatMatch, trackedFiles } from '../tidy/files';
import { documents, listedCommandsOf, ROOT, shellLinesOf } from './documents';

const SCRIPTS = (
  JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: Record<string, string> }
).scripts;
/** Commands of npm itself. */
const NPM_COMMANDS = ['ci'];
/** Programs of others, whose arguments are not checked. */
const OTHERS = /^(\. |aws |install |psql |npx cdk (synth|deploy) )/;

/** Scripts with a command line of their own, and the file whose help lists its flags. */
const TOOLS: Readonly<Record<string, string>> = {
  explore: 'tools/explorer/main.ts',
  bench: 'tools/bench/main.ts',
};

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
  if (NPM_COMMANDS.includes(command)) return undefined;
  if (script === undefined || !Object.hasOwn(SCRIPTS, script)) return `package.json has no script ${script}`;
  const given = command === 'run' ? rest.slice(1) : rest;
  const [separator, ...passed] = given;
  if (separator !== undefined && separator !== '--')
    return `npm does not pass on ${separator}; put -- before it`;
  if (VERBS.some(({ name, isNpmScript }) => name === script && isNpmScript === true))
    return wrongWithVerb(script, passed);
  return Object.hasOwn(TOOLS, script) ? wrongWithTool(TOOLS[script]!, passed) : undefined;
}

function wrongWithTool(path: string, given: readonly string[]): string | undefined {
  const help = readFileSync(join(ROOT, path), 'utf8');
  const unknown = given.filter((word) => word.startsWith('--') && !help.includes(`\n  ${word} `));
  return unknown.length === 0 ? undefined : `${path} has no ${unknown.join(', ')}`;
}

function wrongWithSluice([name, ...rest]: readonly string[]): string | undefined {
  const isScript = VERBS.some((verb) => verb.name === name && verb.isNpmScript === true);
  return isScript ? `the command is spelled npm run ${name}` : wrongWithVerb(name, rest);
}

function wrongWithVerb(name: string | undefined, rest: readonly string[]): string | undefined {
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
  [...shellLinesOf(document), ...listedCommandsOf(document)].map((line) => ({ path: document.path, line })),
);

test('there are commands to check', () => {
  expect(all.map(({ line }) => line)).toEqual(
    expect.arrayContaining([
      'npm ci',
      'npm run rehearse',
      'npm test',
      'npx cdk deploy -c env=dev',
      'npm run explore -- --json',
    ]),
  );
});

test.each(all)('$path: $line', ({ line }) => expect(wrongWith(line)).toBeUndefined());

test.each([
  'npm run rehears',
  'npm tset',
  'npx sluice launch orders',
  'npx sluice start',
  'npx sluice start orders --environment dev',
  'npx sluice abort orders --reason',
  'npm run rehearse -- --bogus',
  'npm run rehearse --json',
  'npm run explore -- --bogus',
  'npx sluice rehearse',
  'sluice status orders',
  'bin/nothing',
])('%s is detected', (line) => expect(wrongWith(line)).toBeDefined());

/** A command without the program that runs it, or a script under the program of the other commands. */
const MISSPELLED = new RegExp(
  `(?<!npx )\\bsluice (${VERBS.map(({ name }) => name).join('|')})\\b(?!:)|npx sluice (${VERBS.filter(
    ({ isNpmScript }) => isNpmScript,
  )
    .map(({ name }) => name)
    .join('|')})\\b`,
);

test('pages, messages and CI spell each command in one form', () => {
  const files = trackedFiles.filter(({ path }) =>
    /\.md$|^(src|lib|lambdas|bin|migrations)\/|^\.ci\/run$/.test(path),
  );
  expect(files.length).toBeGreaterThan(0);
  expect(files.flatMap((file) => linesThatMatch(file, MISSPELLED))).toEqual([]);
});

test.each(['`sluice status` lists them', 'npx sluice rehearse --json', 'run sluice resume'])(
  '%p is misspelled',
  (text) => expect(MISSPELLED.test(text)).toBe(true),
);

import { transformSync } from 'esbuild';
import { type TrackedFile, isProduct, isSource, linesThatMatch, trackedFiles } from './files';
import { REPLACED_WORDS, replacedWordsIn } from './replaced-words';

/** Each pattern is written so that it does not match itself. */
const NOWHERE = {
  'unfinished work': /\b(TO[D]O|FIX[M]E|XX[X])\b/,
  'a test that does not run':
    /\b(test|it|describe)\.(skip|only|todo)\b|\b(xit|xtest|xdescribe|fit|fdescribe)\(/,
  'a silenced type error': /@ts-(ignore|nocheck|expect-error)/,
  'a silenced lint rule': /eslint[-]disable/,
  'a path of one machine': /(^|[\s'"`(=:,])\/(work|home|root|Users)\/\w/,
  'a download host': /registry\.(npmjs|yarnpkg)|npm\.pkg\.github|codeartifact|artifactory|jfrog/i,
};

test('functions and their constructs take the name of the service from METRIC_SERVICE', () => {
  const files = trackedFiles.filter(({ path }) => /^(src\/contract|lambdas|lib)\//.test(path));
  const spelled = files.flatMap((file) => linesThatMatch(file, /['"`]sluice['"`]/));
  expect(spelled).toEqual([expect.stringContaining('METRIC_SERVICE = ')]);
});

test.each(Object.entries(NOWHERE))('no file contains %s', (_name, pattern) => {
  const others = trackedFiles.filter(({ path }) => path !== 'test/tidy/words.test.ts');
  expect(others.flatMap((file) => linesThatMatch(file, pattern))).toEqual([]);
});

test.each([
  ['unfinished work', '// TODO later'],
  ['a test that does not run', "test.skip('x', () => {});"],
  ['a test that does not run', "xit('x', () => {});"],
  ['a silenced type error', '// @ts-expect-error'],
  ['a silenced lint rule', '/* eslint-disable */'],
  ['a path of one machine', "const path = '/home/me/sluice';"],
  ['a download host', `https://${'registry'}.npmjs.org/x`],
] as const)('%s is found in %p', (name, text) => {
  expect(NOWHERE[name].test(text)).toBe(true);
});

/** Texts by others, and the list itself. */
const NOT_OURS = ['LICENSE', 'package-lock.json', 'test/tidy/replaced-words.ts'];

test('no file contains a word that the repository replaces', () => {
  const prose = trackedFiles.filter(({ path }) => !NOT_OURS.includes(path));
  expect(prose.length).toBeGreaterThan(0);
  expect(prose.flatMap(replacedWordsIn)).toEqual([]);
});

/** One sentence for each pattern, in two parts, so that this file does not contain the word. */
const SENTENCES = [
  ['the operator is to', 'ld'],
  ['some', 'body resumes'],
  ['the copy goes', ' on'],
  ['start an', 'ew'],
  ['it runs bes', 'ide the copy'],
  ['the table comes to', ' be'],
  ['the row is men', 'ded'],
  ['a wait in', ' vain'],
  ['a passing', ' error'],
  ['a lost ans', 'wer'],
  ['the service is as', 'ked'],
  ['it ans', 'wers'],
  ['the copy beg', 'ins'],
  ['keys beh', 'ind the last one'],
  ['it takes', ' away the guard'],
  ['it is cut', ' off'],
  ['the rows’ fa', 'te'],
  ['7 is n', 'o name'],
  ['it loo', 'ks at the guard'],
  ['one lif', 'e of a copier'],
  ['the sta', 'nd of sync'],
  ['on its wa', 'y to the target'],
  ['/** Wha', 't it reads. */'],
].map((parts) => parts.join(''));

test.each(SENTENCES)('%p is found', (text) => {
  expect(replacedWordsIn({ path: 'src/core/x.ts', text })).not.toEqual([]);
});

test.each(REPLACED_WORDS)('$pattern has a sentence', ({ pattern }) => {
  expect(SENTENCES.some((text) => pattern.test(text))).toBe(true);
});

test.each(
  [
    ['every', 'body reads it'],
    ['any', 'one may read it'],
    ['it is go', 'ne on with'],
    ['the report te', 'lls'],
    ['as', 'king again'],
    ['look', 'ing for a row'],
    ['watch.loo', 'k(1)'],
    ['steps beg', 'in with it'],
    ['const fa', 'tes = 1'],
    ['refuseInVa', 'in(x)'],
    ['writePageBesid', 'e(x)'],
    ['loo', 'kAround(x)'],
    ['const as', 'kedMs = 1'],
    ['note_sta', 'nd'],
  ].map((parts) => parts.join('')),
)('inflections and words of names are found: %p', (text) => {
  expect(replacedWordsIn({ path: '.ci/run', text })).not.toEqual([]);
});

test.each(["'BEGIN; SELECT 1'", 'await client.begin()', 'BeginTransaction', 'understands', 'always'])(
  '%p is accepted',
  (text) => {
    expect(replacedWordsIn({ path: 'src/core/x.ts', text })).toEqual([]);
  },
);

test('a question may start with an interrogative', () => {
  const text = ['## Wha', 't does a rehearsal prove?'].join('');
  expect(replacedWordsIn({ path: 'docs/x.md', text })).toEqual([]);
});

test('the lock file names no download host', () => {
  const lock = trackedFiles.find(({ path }) => path === 'package-lock.json')!;
  expect(linesThatMatch(lock, /"resolved": "(?!packages\/)/)).toEqual([]);
  expect(lock.text).toContain('"integrity"');
});

describe('the rules leave codes of errors to the adapters', () => {
  const CODE = /['"`](?=[A-Z]*\d)[0-9A-Z]{5}['"`]|['"`]\w+Exception['"`]|^\s*\w+Exception:/;

  test('in any file', () => {
    const files = trackedFiles.filter(({ path }) => path.startsWith('src/core/'));
    expect(files.length).toBeGreaterThan(0);
    expect(files.flatMap((file) => linesThatMatch(file, CODE))).toEqual([]);
  });

  test.each(["sqlState === '23505'", "['23P01']", "'SL001'", '  AccessDeniedException: 3,'])(
    '%p is found',
    (text) => {
      expect(CODE.test(text)).toBe(true);
    },
  );

  test("a name of five letters is not a code: 'POSIX'", () => expect(CODE.test("'POSIX'")).toBe(false));
});

describe('product code has no branch for rehearsals or tests', () => {
  const LOCAL_BRANCH =
    /localhost|127\.0\.0\.1|local[ _-]?(mode|engine)|is_?local|sluice_local|rehearsal|dynalite|embedded|aws_endpoint_url|node_env|jest_/i;

  /** Comments may mention the rehearsal; code may not. */
  const withoutComments = ({ path, text }: TrackedFile): TrackedFile => ({
    path,
    text: transformSync(text, { loader: 'ts', legalComments: 'none' }).code,
  });

  test('in any file', () => {
    const files = trackedFiles.filter(isProduct).filter(isSource);
    expect(files.length).toBeGreaterThan(0);
    expect(files.map(withoutComments).flatMap((file) => linesThatMatch(file, LOCAL_BRANCH))).toEqual([]);
  });

  test.each([
    "if (process.env.SLUICE_LOCAL) connect('127.0.0.1');",
    'const url = `http://localhost:${port}`;',
    "export const isLocal = name === 'x';",
    'export const endpoint = process.env.AWS_ENDPOINT_URL_DYNAMODB;',
  ])('%p is found', (text) => {
    const file = withoutComments({ path: 'src/core/x.ts', text });
    expect(linesThatMatch(file, LOCAL_BRANCH)).toHaveLength(1);
  });

  test('a comment may mention it', () => {
    const file = withoutComments({
      path: 'src/core/x.ts',
      text: '/** The rehearsal reads it too. */\nfoo();',
    });
    expect(linesThatMatch(file, LOCAL_BRANCH)).toEqual([]);
  });
});

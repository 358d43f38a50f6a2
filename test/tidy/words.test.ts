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

test('no file contains a word that the repository replaces', () => {
  const prose = trackedFiles
    .filter(({ path }) => path !== 'test/tidy/replaced-words.ts')
    .filter(({ path }) => /\.(ts|mjs|sql|md)$/.test(path));
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
  ['it looks', ' at the guard'],
  ['one lif', 'e of a copier'],
  ['/** Wha', 't it reads. */'],
].map((parts) => parts.join(''));

test.each(SENTENCES)('%p is found', (text) => {
  expect(replacedWordsIn({ path: 'src/core/x.ts', text })).not.toEqual([]);
});

test.each(REPLACED_WORDS)('$pattern has a sentence', ({ pattern }) => {
  expect(SENTENCES.some((text) => pattern.test(text))).toBe(true);
});

test('a question may start with an interrogative', () => {
  const text = ['## Wha', 't does a rehearsal prove?'].join('');
  expect(replacedWordsIn({ path: 'docs/x.md', text })).toEqual([]);
});

test('the lock file names no download host', () => {
  const lock = trackedFiles.find(({ path }) => path === 'package-lock.json')!;
  expect(linesThatMatch(lock, /"resolved": "(?!packages\/)/)).toEqual([]);
  expect(lock.text).toContain('"integrity"');
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

import { transformSync } from 'esbuild';
import { type TrackedFile, isProduct, isSource, linesThatMatch, trackedFiles } from './files';

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

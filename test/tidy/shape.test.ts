import { type TrackedFile, isSource, trackedFiles } from './files';

const LINES_MAX = 400;

const linesOf = ({ text }: TrackedFile): number => text.trimEnd().split('\n').length;

test(`no source file is longer than ${LINES_MAX} lines`, () => {
  const long = trackedFiles.filter(isSource).filter((file) => linesOf(file) > LINES_MAX);
  expect(long.map((file) => `${file.path}: ${linesOf(file)} lines`)).toEqual([]);
});

test('every text file ends with one line feed and contains no carriage return', () => {
  const odd = trackedFiles.filter(
    ({ text }) => !text.endsWith('\n') || /\n\n$/.test(text) || text.includes('\r'),
  );
  expect(odd.map(({ path }) => path)).toEqual([]);
});

describe('names of files', () => {
  const FOLDERS = /^(bin|docs|lambdas|lib|migrations|src|test|bench|examples)\//;
  const KEBAB = /^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z]+)*$/;

  /** README.md and the like keep their usual names. */
  const CONVENTIONAL = /^[A-Z]+\.md$/;

  const isKebab = (path: string): boolean =>
    path.split('/').every((segment) => KEBAB.test(segment) || CONVENTIONAL.test(segment));

  test('are in kebab-case', () => {
    const named = trackedFiles.map(({ path }) => path).filter((path) => FOLDERS.test(path));
    expect(named.length).toBeGreaterThan(0);
    expect(named.filter((path) => !isKebab(path))).toEqual([]);
  });

  test.each(['src/core/copyChunk.ts', 'src/core/Plan.ts', 'lib/sluice_stack.ts', 'docs/My Guide.md'])(
    '%s is refused',
    (path) => expect(isKebab(path)).toBe(false),
  );

  test.each([
    'src/core/backfill/copy-chunk.ts',
    'test/lib/stack.whole.test.ts',
    'docs/adr/0001-one-ledger.md',
    'docs/README.md',
  ])('%s is accepted', (path) => expect(isKebab(path)).toBe(true));
});

describe('decisions', () => {
  const NAME = /^docs\/adr\/(\d{4})-[a-z0-9-]+\.md$/;
  const STATUS = /^(?:#+ Status\s*\n+|\W*Status\W+)(Proposed|Accepted|Rejected|Deprecated|Superseded)\b/im;

  /** Describes what a record lacks. */
  function problemsOf({ path, text }: TrackedFile): string[] {
    const number = NAME.exec(path)?.[1];
    if (number === undefined) return [`${path}: its name does not match NNNN-title-of-the-decision.md`];
    return [
      ...(new RegExp(`^# (?:ADR[ -])?0*${Number(number)}\\W+\\w`).test(text)
        ? []
        : [`${path}: its first line is not "# ${Number(number)}. Title"`]),
      ...(STATUS.test(text)
        ? []
        : [`${path}: its status is missing (Proposed, Accepted, Rejected, Deprecated, Superseded)`]),
    ];
  }

  const records = trackedFiles.filter(
    ({ path }) => path.startsWith('docs/adr/') && !path.endsWith('/README.md'),
  );

  test('have a number, a title and a status', () => expect(records.flatMap(problemsOf)).toEqual([]));

  test('are numbered consecutively', () => {
    const numbers = records.map(({ path }) => Number(NAME.exec(path)?.[1])).sort((a, b) => a - b);
    expect(numbers).toEqual(numbers.map((_, index) => index + 1));
  });

  test.each([
    ['docs/adr/one-ledger.md', '# 1. One ledger\n\nStatus: accepted\n'],
    ['docs/adr/0001-one-ledger.md', '# One ledger\n\nStatus: accepted\n'],
    ['docs/adr/0001-one-ledger.md', '# 2. One ledger\n\nStatus: accepted\n'],
    ['docs/adr/0001-one-ledger.md', '# 1. One ledger\n\nWe use one.\n'],
    ['docs/adr/0001-one-ledger.md', '# 1. One ledger\n\nStatus: perhaps\n'],
  ])('%s with %p is refused', (path, text) => expect(problemsOf({ path, text })).toHaveLength(1));

  test.each([
    '# 1. One ledger\n\nStatus: accepted\n',
    '# ADR-0001: One ledger\n\n- **Status:** Accepted, 2026-11-22\n',
    '# 1. One ledger\n\n## Status\n\nSuperseded by 7\n',
  ])('%p is accepted', (text) =>
    expect(problemsOf({ path: 'docs/adr/0001-one-ledger.md', text })).toEqual([]),
  );
});

import { ParsedSqlCache, parseSql } from '../../src/data-api/scanner';

const rewritten = (sql: string): string => parseSql(sql).text;

test('each name is one parameter, numbered in the order of first use', () => {
  expect(parseSql('select :b, :a, :b, f(:a)')).toEqual({
    text: 'select $1, $2, $1, f($2)',
    names: ['b', 'a'],
    isTerminated: false,
  });
  expect(rewritten('limit:n')).toBe('limit $1');
  expect(rewritten('array[:a,:b] || array[ :c]')).toBe('array[$1,$2] || array[ $3]');
  expect(rewritten('select :a::int')).toBe('select $1::int');
});

test.each([
  ['a literal', `select ':a', 'it''s :a'`],
  ['an escape literal', String.raw`select E'\':a', e'\\', 'x'`],
  ['a literal with a backslash, which is not an escape', String.raw`select '\', ':a'`],
  ['a quoted identifier', 'select ":a", "b"":a"'],
  ['a dollar quote', 'do $$ begin x := :a; end $$'],
  ['a tagged dollar quote', 'select $tag$ :a $$ ; :b $tag$'],
  ['a line comment', 'select 1 -- :a'],
  ['a nested comment', 'select 1 /* :a /* :b */ :c */'],
  ['a cast', `select '1'::int`],
  ['an assignment', 'call f(x := 1)'],
  ['a slice', 'select a[1:2], a[low:high], b[f(1):n]'],
  ['an identifier with dollars', 'select a$x$, b$x$'],
])('%s contains no parameter', (_what, sql) => {
  expect(parseSql(sql)).toMatchObject({ text: sql, names: [] });
});

test('a parameter after skipped text is found', () => {
  expect(rewritten(`select ':x' || :a`)).toBe(`select ':x' || $1`);
  expect(rewritten(String.raw`select E'\'' || :a`)).toBe(String.raw`select E'\'' || $1`);
  expect(rewritten(String.raw`select note'\' || :a`)).toBe(String.raw`select note'\' || $1`);
  expect(rewritten('select $t$ $t$ || :a')).toBe('select $t$ $t$ || $1');
  expect(rewritten('select 1 -- :x\n, :a')).toBe('select 1 -- :x\n, $1');
  expect(rewritten('select 1 -- :x\r, :a')).toBe('select 1 -- :x\r, $1');
  expect(rewritten('/* /* :x */ */ select :a')).toBe('/* /* :x */ */ select $1');
  expect(rewritten('select a[1:2], :a')).toBe('select a[1:2], $1');
});

test.each([
  'select 1; select 2',
  'select 1;;x',
  `select 1; 'x'`,
  'select 1; -- c\n select 2',
  'select 1;(select 2)',
])('multiple statements are refused: %s', (sql) => {
  expect(() => parseSql(sql)).toThrow("Multistatements aren't supported.");
});

test.each(['select 1;', 'select 1 ; ; -- done\n /* ; */ ', `select ';'`, 'do $$ begin a; b; end $$'])(
  'a single statement is accepted: %s',
  (sql) => {
    expect(() => parseSql(sql)).not.toThrow();
  },
);

test('a positional parameter is refused, because it would clash with a rewritten one', () => {
  expect(() => parseSql('select $1')).toThrow('Positional parameter at character 8');
});

test('the cache keeps the most recently used statements', () => {
  const cache = new ParsedSqlCache(2);
  const first = cache.parse('select :a');
  cache.parse('select :b');
  expect(cache.parse('select :a')).toBe(first);
  cache.parse('select :c');
  expect(cache.parse('select :a')).toBe(first);
});

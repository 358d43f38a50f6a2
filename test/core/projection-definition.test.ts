/** Rules for computed columns: a definition is checked in full before any database is queried. */
import { defineMigration, defineRowFunction, type TableMapping } from '../../src/core/definition/definition';
import { InvalidDefinition } from '../../src/core/errors';
import { endpoint } from '../support/trial-definition';

const rowFunction = defineRowFunction({
  reads: ['phone'],
  writes: ['number'],
  apply: ({ phone }) => ({ number: phone }),
});

/** Problems of a mapping, without its place in the definition. */
function problemsOf(mapping: Record<string, unknown>): readonly string[] {
  try {
    define(mapping);
    return [];
  } catch (error) {
    if (!(error instanceof InvalidDefinition)) throw error;
    return error.problems.map((problem) => problem.replace('tables[0]', '…'));
  }
}
const define = (mapping: Partial<TableMapping>) =>
  defineMigration({
    name: 'people',
    shape: 'offline',
    source: { dev: endpoint('source') },
    target: { dev: endpoint('target') },
    tables: [{ source: 'a.people', target: 'b.people', ...mapping }],
  });

test('accepts expressions, a filter and a row function together with renamed columns', () => {
  const mapping = {
    columns: { mail: 'email', name: { sql: `first || ' ' || last` } },
    omit: ['first', 'last', 'phone'],
    where: 'NOT deleted',
    rowFunction,
  };
  expect(define(mapping).tables[0]).toMatchObject(mapping);
});

test.each([
  `a::text`,
  `'a:name; -- $1 "x" (' || b`,
  `E'it\\'s :x;' || "odd ""name"":y"`,
  `tags[1 : 2]`,
  `tags[1:2]`,
  `coalesce((a), ARRAY[1, 2]::int[])`,
  `a\n  || b`,
  `e'x' || '' || ''''`,
])('%p can be part of a statement', (sql) => {
  expect(problemsOf({ columns: { x: { sql } }, where: sql })).toEqual([]);
});

test.each([
  ['', 'it is empty or not a string. Write an SQL expression'],
  ['  ', 'it is empty or not a string. Write an SQL expression'],
  [`lower(a) -- tidy`, 'it contains a comment. Write it in TypeScript'],
  [`lower(a) /* tidy */`, 'it contains a comment. Write it in TypeScript'],
  ['a; b', 'it contains a semicolon. Write one expression'],
  ['lower(a', 'its parentheses do not match. Balance them'],
  ['a) + (b', 'its parentheses do not match. Balance them'],
  ['(a]', 'its parentheses do not match. Balance them'],
  [`'open`, 'it contains an unterminated quote. Close it'],
  [`E'open\\'`, 'it contains an unterminated quote. Close it'],
  [`"open`, 'it contains an unterminated quote. Close it'],
  [`$$x$$`, 'it contains a dollar sign outside quotes. Write literals in single quotes'],
  [
    'tags[low:high]',
    'it contains a colon before a name, which the Data API reads as a parameter. Put a space between them',
  ],
  [
    ':name',
    'it contains a colon before a name, which the Data API reads as a parameter. Put a space between them',
  ],
  ['a\0', 'it contains a control character. Remove it'],
  ['a'.repeat(4_001), 'it has 4001 characters. Write at most 4000, or use a row function'],
])('%p is refused', (sql, why) => {
  expect(problemsOf({ columns: { x: { sql } }, where: sql })).toEqual([
    `….columns.x.sql is ${JSON.stringify(sql).slice(0, 200)}: ${why}`,
    `….where is ${JSON.stringify(sql).slice(0, 200)}: ${why}`,
  ]);
});

test('all expressions of a table fit into its statements', () => {
  const columns = Object.fromEntries([1, 2, 3, 4, 5].map((n) => [`c${n}`, { sql: 'x'.repeat(3_500) }]));
  expect(problemsOf({ columns })).toEqual([
    '… has 17500 characters of expressions. Write at most 16000, or use a row function',
  ]);
});

test.each<[string, Record<string, unknown>, string | RegExp]>([
  [
    'a column from a number',
    { columns: { x: 7 } },
    "….columns.x is 7. Name a source column, or give { sql: '…' }",
  ],
  ['a column from nothing', { columns: { x: '' } }, /^….columns\.x is ""/],
  ['an expression with more', { columns: { x: { sql: 'a', type: 'text' } } }, /^….columns\.x is \{"sql"/],
  [
    'a filter that is not a string',
    { where: true },
    '….where is true: it is empty or not a string. Write an SQL expression',
  ],
  ['a function by itself', { rowFunction: () => ({}) }, /^….rowFunction is undefined\. Give an object/],
  [
    'a function of nothing',
    { rowFunction: { ...rowFunction, reads: [] } },
    '….rowFunction.reads is empty. Name the source columns that the function reads',
  ],
  [
    'a function for nothing',
    { rowFunction: { ...rowFunction, writes: [] } },
    '….rowFunction.writes is empty. Name the target columns that the function computes',
  ],
  [
    'no list',
    { rowFunction: { ...rowFunction, reads: 'phone' } },
    /^….rowFunction\.reads is "phone"\. Give a list/,
  ],
  [
    'a column twice',
    { rowFunction: { ...rowFunction, writes: ['number', 'number'] } },
    '….rowFunction.writes names number twice. Name it once',
  ],
  [
    'no function',
    { rowFunction: { ...rowFunction, apply: 'x' } },
    '….rowFunction.apply is "x". Give a function',
  ],
  [
    'an asynchronous function',
    { rowFunction: { ...rowFunction, apply: async () => ({ number: null }) } },
    '….rowFunction.apply is an AsyncFunction. Make it a plain synchronous function',
  ],
  [
    'an unknown field of it',
    { rowFunction: { ...rowFunction, cache: true } },
    /^….rowFunction has an unknown field "cache"\. Known fields are reads, writes, apply/,
  ],
  [
    'two sources of one column',
    { columns: { number: { sql: 'phone' } }, rowFunction },
    '….rowFunction.writes and columns both name number. Keep one of them',
  ],
  [
    'a computed key',
    { key: ['id'], columns: { id: { sql: 'id + 1' } } },
    /^… orders its chunks by id, but computes target column id\. Map the key unchanged/,
  ],
  ['a key of the function', { key: ['number'], rowFunction }, /^… orders its chunks by number, but computes/],
  [
    'a computed order',
    { chunking: { by: 'at' }, columns: { at: { sql: 'at' } } },
    /^… orders its chunks by at, but computes/,
  ],
  ['an omitted column that is renamed', { columns: { x: 'a' }, omit: ['a'] }, /^….omit names a/],
])('%s is refused', (_what, mapping, problem) => {
  expect(problemsOf(mapping)).toEqual([
    typeof problem === 'string' ? problem : expect.stringMatching(problem),
  ]);
});

test('an expression may take the name of a renamed key', () => {
  expect(problemsOf({ key: ['id'], columns: { old_id: 'id', id: { sql: 'number' } } })).toEqual([]);
});

test('columns that expressions and functions read may be omitted', () => {
  expect(problemsOf({ columns: { x: { sql: 'lower(a)' } }, omit: ['a', 'phone'], rowFunction })).toEqual([]);
});

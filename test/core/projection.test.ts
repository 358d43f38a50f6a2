/** A row function must return the same result twice, or it is refused by name; its input never appears in a message. */
import { randomBytes } from 'node:crypto';
import { defineRowFunction, type RowFunction } from '../../src/core/definition/definition';
import { RowFunctionFailed } from '../../src/core/errors';
import { runRowFunction, type Texts } from '../../src/core/definition/projection';

const phones = defineRowFunction({
  reads: ['phone', 'country'],
  writes: ['number', 'valid'],
  apply: ({ phone, country }) => ({
    number: phone === null ? null : `${country ?? '??'}${phone.replace(/\D/g, '')}`,
    valid: phone === null ? null : 't',
  }),
});

const SECRET = 'value-of-a-row';
const ROWS: Texts[] = [
  [SECRET, 'CH'],
  ['079 1', null],
];

/** The reason for which the function of table shop.t is refused. */
function refusal(
  apply: (row: Record<string, string | null>) => unknown,
  rows: readonly Texts[] = ROWS,
): string {
  const rowFunction = { reads: ['phone', 'country'], writes: ['number'], apply } as unknown as RowFunction;
  try {
    runRowFunction('shop.t', rowFunction, rows);
  } catch (error) {
    if (!(error instanceof RowFunctionFailed)) throw error;
    expect(error.message).not.toContain(SECRET);
    return error.message.replace('the row function of shop.t ', '');
  }
  return 'nothing';
}
const number = (value: unknown) => ({ number: value });

test('columns are passed and returned in the declared order, NULL as null', () => {
  expect(
    runRowFunction('shop.t', phones, [
      ['079 123', 'CH'],
      [null, null],
      ['', null],
    ]),
  ).toEqual([
    ['CH079123', 't'],
    [null, null],
    ['??', 't'],
  ]);
});

test('every row is evaluated twice, the second time from the end', () => {
  const seen: (string | null)[] = [];
  const apply = (row: Record<string, string | null>) => {
    seen.push(row.country!);
    return number(null);
  };
  expect(refusal(apply)).toBe('nothing');
  expect(seen).toEqual(['CH', null, null, 'CH']);
});

test.each<[string, (row: Record<string, string | null>) => unknown, string | RegExp]>([
  ['the time', () => number(String(Date.now())), /^calls Date\.now\. Compute the result from the row alone/],
  ['a date of now', () => number(new Date().toISOString()), /^calls Date without an argument/],
  ['a date of now, as a function', () => number(Date()), /^calls Date without an argument/],
  ['chance', () => number(String(Math.random())), /^calls Math\.random/],
  ['an identity', () => number(crypto.randomUUID()), /^calls crypto\.randomUUID/],
  ['random bytes', () => number(randomBytes(4).toString('hex')), /^calls crypto\.randomBytes/],
  ['a stopwatch', () => number(String(performance.now())), /^calls performance\.now/],
  [
    'an undeclared column',
    ({ fax }) => number(fax),
    'reads a column other than phone, country. Add it to reads',
  ],
  [
    'a column named by a value',
    (row) => number(row[row.phone!]),
    /^reads a column other than phone, country/,
  ],
  ['a promise', async () => number(null), 'returns a promise. Make it synchronous'],
  ['nothing', () => undefined, 'returns undefined. Return an object with number'],
  ['null', () => null, 'returns null. Return an object with number'],
  ['no column', () => ({}), 'returns no column number. Return null for NULL'],
  [
    'a column too many',
    (row) => ({ number: null, [row.phone!]: '1' }),
    /^returns a column other than number/,
  ],
  ['a number', () => number(7), 'returns a number for column number. Return its text, or null for NULL'],
  ['undefined', () => number(undefined), /^returns a undefined for column number/],
  [
    'a zero byte',
    () => number('a\0b'),
    'returns a character for column number that PostgreSQL cannot store. Remove it',
  ],
  ['half a character', () => number('\ud83d'), /^returns a character for column number/],
  ['too much', () => number('x'.repeat(500_001)), 'returns 500001 bytes for one row. Return at most 500000'],
])('a function is refused that uses or returns %s', (_what, apply, expected) => {
  expect(refusal(apply)).toEqual(typeof expected === 'string' ? expected : expect.stringMatching(expected));
});

test('a clock or an undeclared column is refused even if the function catches the error', () => {
  const hiding =
    (read: (row: Record<string, string | null>) => unknown) => (row: Record<string, string | null>) => {
      try {
        return number(String(read(row)));
      } catch {
        return number(null);
      }
    };
  expect(refusal(hiding(() => Date.now()))).toMatch(/^calls Date\.now/);
  expect(refusal(hiding(({ fax }) => fax))).toMatch(/^reads a column other than/);
});

test('a function that returns another value in a second call is refused', () => {
  let calls = 0;
  expect(refusal(() => number(String((calls += 1))))).toBe(
    'returns another value for column number in a second call. Compute the result from the row alone',
  );
  const seen = new Set<string | null>();
  const firstOnly = ({ phone }: Record<string, string | null>) => {
    const known = seen.has(phone!);
    seen.add(phone!);
    return number(known ? 'again' : 'new');
  };
  expect(refusal(firstOnly)).toMatch(/^returns another value for column number/);
});

test('an error of the function is reported by name and place, not by message', () => {
  const parse = ({ phone }: Record<string, string | null>) => number(JSON.parse(phone!) as string);
  expect(refusal(parse)).toMatch(/^threw SyntaxError( at \S+:\d+)?\. Make it return a value for every row$/);
  const own = ({ phone }: Record<string, string | null>) => {
    throw new Error(`cannot read ${phone}\n    at ${phone}:1:1`);
  };
  expect(refusal(own)).toMatch(
    /^threw Error at projection\.test\.ts:\d+\. Make it return a value for every row$/,
  );
  const named = ({ phone }: Record<string, string | null>) => {
    throw Object.assign(new Error(), { name: phone });
  };
  expect(refusal(named)).toMatch(/^threw something/);
});

test('the row cannot be changed', () => {
  const apply = (row: Record<string, string | null>) => {
    row.phone = null;
    return number(null);
  };
  expect(refusal(apply)).toMatch(/^threw TypeError/);
});

test('dates computed from the row work, and the clock works again afterwards', () => {
  const apply = ({ phone }: Record<string, string | null>) => {
    const date = new Date(Number(phone) * 1_000);
    return number(date instanceof Date ? date.toISOString() : null);
  };
  const rowFunction = { reads: ['phone', 'country'], writes: ['number'], apply } as unknown as RowFunction;
  expect(runRowFunction('shop.t', rowFunction, [['1', null]])).toEqual([['1970-01-01T00:00:01.000Z']]);
  const clocks = () =>
    [Date, Math, performance, process].flatMap((holder) =>
      ['now', 'random', 'hrtime'].map((name) => Reflect.get(holder, name) as unknown),
    );
  const before = [Date, ...clocks()];
  expect(refusal(() => number(String(Date.now())))).not.toBe('nothing');
  expect([Date, ...clocks()].every((value, index) => value === before[index])).toBe(true);
  expect(Math.abs(new Date().getTime() - Date.now())).toBeLessThan(1_000);
  expect(crypto.randomUUID()).not.toBe(crypto.randomUUID());
  expect(process.hrtime.bigint()).toBeGreaterThan(0n);
});

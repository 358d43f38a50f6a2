/** A row function answers for a row, twice the same, or is refused by name; what it was given never shows. */
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

/** What the function of table shop.t is refused for. */
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

test('columns go in and out in the declared order, NULL as null', () => {
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
  ['the time', () => number(String(Date.now())), /^asks for Date\.now; let the row alone decide/],
  ['a date of now', () => number(new Date().toISOString()), /^asks for Date without an argument/],
  ['a date of now, as a function', () => number(Date()), /^asks for Date without an argument/],
  ['chance', () => number(String(Math.random())), /^asks for Math\.random/],
  ['an identity', () => number(crypto.randomUUID()), /^asks for crypto\.randomUUID/],
  ['random bytes', () => number(randomBytes(4).toString('hex')), /^asks for crypto\.randomBytes/],
  ['a stopwatch', () => number(String(performance.now())), /^asks for performance\.now/],
  [
    'an undeclared column',
    ({ fax }) => number(fax),
    'asks for a column besides phone, country; name it in reads',
  ],
  [
    'a column named by a value',
    (row) => number(row[row.phone!]),
    /^asks for a column besides phone, country/,
  ],
  ['a promise', async () => number(null), 'answers a promise; it must answer at once'],
  ['nothing', () => undefined, 'answers undefined; answer an object of number'],
  ['null', () => null, 'answers null; answer an object of number'],
  ['no column', () => ({}), 'gives no column number; give null for NULL'],
  ['a column too many', (row) => ({ number: null, [row.phone!]: '1' }), /^gives a column besides number/],
  ['a number', () => number(7), 'gives column number a number; give its text, or null for NULL'],
  ['undefined', () => number(undefined), /^gives column number a undefined/],
  [
    'a zero byte',
    () => number('a\0b'),
    'gives column number a character that no text of the database can hold',
  ],
  ['half a character', () => number('\ud83d'), /^gives column number a character/],
  ['too much', () => number('x'.repeat(500_001)), 'gives one row 500001 bytes; it may give 500000'],
])('a function that asks for or gives %s is refused', (_what, apply, expected) => {
  expect(refusal(apply)).toEqual(typeof expected === 'string' ? expected : expect.stringMatching(expected));
});

test('what it asks for is refused even if it hides the error', () => {
  const hiding =
    (ask: (row: Record<string, string | null>) => unknown) => (row: Record<string, string | null>) => {
      try {
        return number(String(ask(row)));
      } catch {
        return number(null);
      }
    };
  expect(refusal(hiding(() => Date.now()))).toMatch(/^asks for Date\.now/);
  expect(refusal(hiding(({ fax }) => fax))).toMatch(/^asks for a column besides/);
});

test('another answer the second time is refused', () => {
  let calls = 0;
  expect(refusal(() => number(String((calls += 1))))).toBe(
    'gives column number another value when it is asked again; let the row alone decide',
  );
  const seen = new Set<string | null>();
  const firstOnly = ({ phone }: Record<string, string | null>) => {
    const known = seen.has(phone!);
    seen.add(phone!);
    return number(known ? 'again' : 'new');
  };
  expect(refusal(firstOnly)).toMatch(/^gives column number another value/);
});

test('what it throws is told by kind and place, not by message', () => {
  const parse = ({ phone }: Record<string, string | null>) => number(JSON.parse(phone!) as string);
  expect(refusal(parse)).toMatch(/^threw SyntaxError( at \S+:\d+)?; let it answer for every row$/);
  const own = ({ phone }: Record<string, string | null>) => {
    throw new Error(`cannot read ${phone}\n    at ${phone}:1:1`);
  };
  expect(refusal(own)).toMatch(/^threw Error at projection\.test\.ts:\d+; let it answer for every row$/);
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

test('dates that are made of the row work, and clocks work again afterwards', () => {
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

import type { Side } from '../../../src/contract/sides';
import { brief, Stage } from './stage';

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.start();
});
afterAll(() => stage.stop());

/** Source type, target type, and the reason for refusal, if it is refused. */
type Pairing = readonly [source: string, target: string, refused?: string];

const ROUNDED = 'fractions of a second would be rounded';
const OTHER = 'the types differ';
const MODIFIERS = 'the modifiers differ';
const BOUNDED = 'only unbounded text holds every value';
const REWRITTEN = 'a cast to text changes its text form';

const BUILT_IN: readonly Pairing[] = [
  ['smallint', 'bigint'],
  ['bigint', 'integer', 'larger numbers do not fit'],
  ['integer', 'numeric'],
  ['integer', 'numeric(10,0)'],
  ['integer', 'numeric(9,0)', 'larger numbers do not fit'],
  ['integer', 'double precision', OTHER],
  ['numeric(12,2)', 'numeric(10,2)', 'larger numbers do not fit'],
  ['numeric(12,2)', 'numeric(12,1)', 'fractions would be rounded'],
  ['numeric(12,2)', 'numeric(13,3)'],
  ['numeric(12,2)', 'numeric(12,3)', 'larger numbers do not fit'],
  ['numeric(5,-2)', 'numeric(7,0)'],
  ['numeric(5,-2)', 'numeric(6,0)', 'larger numbers do not fit'],
  ['numeric(12,2)', 'numeric'],
  ['numeric', 'numeric(1000,500)', 'numbers of any precision do not fit'],
  ['numeric', 'bigint', OTHER],
  ['double precision', 'real', OTHER],
  ['real', 'double precision', OTHER],
  ['varchar(10)', 'varchar(10)'],
  ['varchar(10)', 'varchar(9)', 'longer text does not fit'],
  ['varchar(10)', 'text'],
  ['text', 'varchar'],
  ['text', 'varchar(100)', 'longer text does not fit'],
  ['char(3)', 'char(3)'],
  ['char(3)', 'char(5)', MODIFIERS],
  ['char(3)', 'text', REWRITTEN],
  ['varchar(3)', 'char(3)', OTHER],
  ['bit(3)', 'bit(4)', MODIFIERS],
  ['bit(3)', 'varbit(4)'],
  ['varbit(5)', 'varbit(4)', 'longer bit strings do not fit'],
  ['varbit(5)', 'varbit'],
  ['timestamp', 'timestamp(6)'],
  ['timestamp(3)', 'timestamp(4)'],
  ['timestamp', 'timestamp(3)', ROUNDED],
  ['time(2)', 'time(1)', ROUNDED],
  ['timestamptz', 'timestamp', OTHER],
  ['timestamp', 'timestamptz', OTHER],
  ['date', 'timestamp', OTHER],
  ['interval', 'interval day to second', MODIFIERS],
  ['interval(3)', 'interval'],
  ['json', 'jsonb', OTHER],
  ['jsonb', 'json', OTHER],
  ['jsonb', 'text'],
  ['uuid', 'text'],
  ['uuid', 'varchar(36)', BOUNDED],
  ['text', 'uuid', OTHER],
  ['timestamptz', 'text'],
  ['boolean', 'text', REWRITTEN],
  ['inet', 'text', REWRITTEN],
  ['boolean', 'integer', OTHER],
  ['regclass', 'regclass', 'its values refer to objects of their own database'],
  ['varchar(5)[]', 'varchar(6)[]'],
  ['varchar(5)[]', 'text[]'],
  ['bigint[]', 'integer[]', 'larger numbers do not fit'],
  ['integer[]', 'integer', 'one is an array, the other is not'],
  ['integer[]', 'text', 'one is an array, the other is not'],
];

test('built-in types are accepted or refused, with the reason', async () => {
  await expectRefusals(BUILT_IN);
});

const OWN_TYPES = (side: Side): string => {
  const more = side === 'target';
  return `
  CREATE TYPE mood AS ENUM ('sad'${more ? ", 'fine'" : ''}, 'happy');
  CREATE TYPE fewer AS ENUM ('a'${more ? '' : ", 'b', 'c'"});
  CREATE TYPE pair AS (a int, b varchar(3));
  CREATE TYPE changed AS (a int, b varchar(${more ? 4 : 3}));
  CREATE DOMAIN price AS numeric(10,2);
  CREATE DOMAIN checked AS numeric(10,2) CHECK (VALUE > 0);
  CREATE DOMAIN narrow AS numeric(8,2);
  CREATE DOMAIN finer AS numeric(12,4);
  CREATE DOMAIN outer_price AS price;`;
};

const OWN: readonly Pairing[] = [
  ['mood', 'mood'],
  ['mood', 'text'],
  ['mood', 'varchar(20)', BOUNDED],
  ['mood[]', 'mood[]'],
  ['mood', 'fewer', OTHER],
  ['fewer', 'fewer', "the target's enum lacks 'b', 'c'"],
  ['fewer[]', 'fewer[]', "the target's enum lacks 'b', 'c'"],
  ['pair', 'pair'],
  ['changed', 'changed', 'the attributes differ'],
  ['pair', 'text', REWRITTEN],
  ['price', 'numeric(10,2)'],
  ['numeric(10,2)', 'checked'],
  ['outer_price', 'narrow', 'larger numbers do not fit'],
  ['numeric(10,2)', 'finer', 'a domain with another scale changes the text of numbers'],
  ['price[]', 'narrow[]', 'larger numbers do not fit'],
  ['public.citext', 'public.citext'],
  ['public.citext', 'text', REWRITTEN],
];

test('user-defined types and types of extensions are accepted or refused, with the reason', async () => {
  await stage.install('citext');
  await expectRefusals(OWN, OWN_TYPES);
});

async function expectRefusals(
  pairings: readonly Pairing[],
  types: (side: Side) => string = () => '',
): Promise<void> {
  const table = (place: 0 | 1) =>
    `CREATE TABLE t (id int PRIMARY KEY, ${pairings.map((pairing, index) => `c${index} ${pairing[place]}`).join(', ')})`;
  const problems = await stage.problems({
    source: `${types('source')} ${table(0)}`,
    target: `${types('target')} ${table(1)}`,
  });
  const reasons = new Map(
    brief(problems).map((text) => {
      const match = /^column-types: target table t, column c(\d+): .* unchanged: (.*)$/.exec(text);
      return [Number(match?.[1] ?? NaN), match?.[2] ?? text];
    }),
  );
  const seen = pairings.map(([source, target], index) => ({ source, target, refused: reasons.get(index) }));
  expect(seen).toEqual(pairings.map(([source, target, refused]) => ({ source, target, refused })));
  expect(problems).toHaveLength(pairings.filter(([, , refused]) => refused !== undefined).length);
}

test('source columns without a target column, and required target columns without a value, are reported', async () => {
  const problems = await stage.problems({
    source: `CREATE TABLE t (id int PRIMARY KEY, a int, b int)`,
    target: `CREATE DOMAIN filled AS int NOT NULL; CREATE DOMAIN defaulted AS int NOT NULL DEFAULT 1;
      CREATE TABLE t (id int PRIMARY KEY, a int, made int GENERATED ALWAYS AS (a + 1) STORED NOT NULL,
        numbered int GENERATED ALWAYS AS IDENTITY, given int NOT NULL DEFAULT 1, nothing int, wanted int NOT NULL,
        c filled, d defaulted)`,
  });
  expect(brief(problems)).toEqual([
    'target-columns: target table t: column b for source column b does not exist',
    'target-columns: target table t, column wanted: it is NOT NULL without a default, and the mapping gives it no value',
    'target-columns: target table t, column c: it is NOT NULL without a default, and the mapping gives it no value',
  ]);
});

/** A value is sent as the server's output text, so a type may become text only if a cast to text gives the same. */
test('types that may become text have equal output text and cast', async () => {
  const samples: Record<string, string[]> = {
    bigint: ['-9223372036854775808'],
    oid: ['4294967295'],
    numeric: ['1.50', 'NaN', '-1e30'],
    real: ['1e20', '0.1', '-Infinity'],
    'double precision': ['1e300', '0.1', '-0'],
    money: ['1234.5'],
    uuid: ['A0EEBC999C0B4EF8BB6D6BB9BD380A11'],
    date: ['0044-03-15 BC', 'infinity'],
    time: ['24:00'],
    timetz: ['04:05:06.789-8'],
    timestamp: ['2000-01-01 00:00:00.5', '-infinity'],
    timestamptz: ['2000-01-01 00:00:00+05:30'],
    interval: ['1 year -3 days 04:05:06.7'],
    bytea: ['\\x00ff'],
    cidr: ['10.0.0.0/8', '10.1.2.3/32', '2001:db8::/32'],
    macaddr: ['08002b:010203'],
    macaddr8: ['08-00-2b-01-02-03-04-05'],
    varbit: ['101'],
    json: ['{"b":1,  "a":1}'],
    jsonb: ['{"b":1,  "a":1}'],
    xml: ['<a>é</a>'],
    name: ['x'],
  };
  const questions = Object.entries(samples).flatMap(([type, values]) =>
    values.map(
      (value) =>
        `SELECT '${type} ${value}' AS value, format('%s', v) = v::text AS same FROM CAST('${value}' AS ${type}) AS v`,
    ),
  );
  const rows = await stage.connect('source', 'worker').query(questions.join(' UNION ALL '));
  expect(rows.filter(({ same }) => same !== true)).toEqual([]);
  const refused = await stage
    .connect('source', 'worker')
    .query(
      "SELECT format('%s', true) = true::text AS bool, format('%s', i) = i::text AS inet FROM (SELECT inet '10.0.0.1' AS i) AS s",
    );
  expect(refused).toEqual([{ bool: false, inet: false }]);
});

/** The source's database checks expressions, filters and row functions on its own rows before any row is moved. */
import { runSql } from 'local-aws';
import { brief, Stage, type Case } from './stage';

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.start();
});
afterAll(() => stage.stop());

const SOURCE = `
  CREATE FUNCTION {case}.tidy(text) RETURNS text LANGUAGE sql IMMUTABLE RETURN btrim($1);
  CREATE TABLE t (id int PRIMARY KEY, full_name text NOT NULL, amount text, cents int, at timestamp, state smallint,
    deleted boolean NOT NULL DEFAULT false, tags text[], code char(3), doubled int GENERATED ALWAYS AS (cents * 2) STORED);
  INSERT INTO t SELECT n, 'Ann Lee', CASE WHEN n = 7 THEN 'secret-7' ELSE n::text END, n, '2026-01-01', 1, n > 50
  FROM generate_series(1, 100) AS n`;
const OMIT = ['full_name', 'amount', 'cents', 'at', 'state', 'deleted', 'tags', 'code', 'doubled'];

/** A case whose target has the key and these columns, computed by these expressions. */
const computing = (
  columns: Readonly<Record<string, readonly [type: string, sql: string]>>,
  mapping: Case['mapping'] = {},
): Case => ({
  source: SOURCE,
  target: `CREATE TYPE shade AS ENUM ('light', 'dark'); CREATE TABLE t (id int PRIMARY KEY${Object.entries(
    columns,
  )
    .map(([name, [type]]) => `, ${name} ${type}`)
    .join('')})`,
  mapping: {
    omit: OMIT,
    columns: Object.fromEntries(Object.entries(columns).map(([name, [, sql]]) => [name, { sql }])),
    ...mapping,
  },
});
const problemsOf = async (input: Case) => brief(await stage.problems(input));

test('expressions over one row are accepted, whatever their types', async () => {
  const input = computing({
    first_name: ['text', `split_part(full_name, ' ', 1)`],
    last_name: ['text', `lower(substr(full_name, strpos(full_name, ' ') + 1))`],
    price: ['numeric(12,2)', '(cents / 100.0)::numeric(12,2)'],
    at: ['timestamptz', `at AT TIME ZONE 'UTC'`],
    shade: ['shade', `CASE state WHEN 1 THEN 'light' ELSE 'dark' END`],
    tags: ['varchar(5)[]', 'CAST(tags[1 : 2] AS varchar(5)[])'],
    code: ['char(3)', 'upper(code)::char(3)'],
    label: ['text', `id::text || ': HH24:MI:SS' || E'\\n''"'`],
    twice: ['bigint', 'doubled::bigint'],
    flag: ['boolean', 'deleted IS NOT TRUE'],
  });
  expect(await problemsOf(input)).toEqual([]);
});

test('user functions must be qualified with their schema, because Sluice has an empty search path', async () => {
  const bare = await problemsOf(computing({ name: ['text', 'tidy(full_name)'] }));
  expect(bare).toEqual([
    'expressions: source table t, expression of name: the source rejects the expression: function tidy(text) does not exist (SQLSTATE 42883)',
  ]);
  const schema = `case_${Number(stage.schema.split('_')[1]) + 1}`;
  expect(await problemsOf(computing({ name: ['text', `${schema}.tidy(full_name)`] }))).toEqual([]);
});

const REFUSED: Readonly<Record<string, readonly [sql: string, found: RegExp]>> = {
  clock: [`full_name || now()::date`, /not immutable/],
  chance: [`md5(random()::text)`, /not immutable/],
  time_zone: [`(at::timestamptz)::date::text`, /not immutable/],
  date_style: [`at::text`, /not immutable/],
  unknown_column: ['nickname', /column "nickname" does not exist \(SQLSTATE 42703\)/],
  qualified_column: ['t.full_name', /missing FROM-clause entry for table "t"|invalid reference/],
  system_column: ['ctid::text', /system columns is not supported/],
  whole_row: ['concat(t)', /column "t" does not exist/],
  other_rows: [
    '(SELECT max(relname) FROM pg_catalog.pg_class)::text',
    /cannot use subquery in an expression/,
  ],
  aggregate: ['max(full_name)', /aggregate functions are not allowed in an expression/],
  several_rows: ['unnest(tags)', /set-returning functions are not allowed in an expression/],
  broken: ['lower(full_name) +', /syntax error/],
};

test('expressions that depend on more than the row, or are not valid, are refused', async () => {
  const problems = await problemsOf(
    computing(Object.fromEntries(Object.entries(REFUSED).map(([name, [sql]]) => [name, ['text', sql]]))),
  );
  expect(problems).toEqual(
    Object.entries(REFUSED).map(
      ([name, [, found]]) =>
        expect.stringMatching(
          new RegExp(`^expressions: source table t, expression of ${name}: .*(${found.source})`),
        ) as string,
    ),
  );
});

test('all expressions are checked at once, including their types', async () => {
  const problems = await problemsOf(
    computing(
      {
        a: ['text', 'now()::text'],
        b: ['text', 'nickname'],
        narrow: ['varchar(3)', 'full_name'],
        price: ['numeric(12,2)', 'cents / 100.0'],
        whole: ['integer', 'amount'],
        array_of: ['text', 'tags'],
      },
      { where: 'cents' },
    ),
  );
  expect(problems).toEqual([
    'column-types: target table t, column narrow: character varying(3) cannot hold every text of its expression unchanged: longer text does not fit',
    'column-types: target table t, column price: numeric(12,2) cannot hold every numeric of its expression unchanged: numbers of any precision do not fit',
    'column-types: target table t, column whole: integer cannot hold every text of its expression unchanged: the types differ',
    'column-types: target table t, column array_of: text cannot hold every text[] of its expression unchanged: one is an array, the other is not',
    expect.stringMatching(
      /^expressions: source table t, expression of a: the expression is not immutable/,
    ) as string,
    expect.stringMatching(/^expressions: source table t, expression of b: .*"nickname"/) as string,
    'expressions: source table t, where: its type is integer, not boolean',
  ]);
});

test('an expression that fails for sampled rows is reported without the row', async () => {
  const failing = computing({ whole: ['integer', 'CAST(amount AS integer)'] });
  const problems = await problemsOf(failing);
  expect(problems).toEqual([
    'expressions: source table t, expression of whole: the expression fails for some of the first 1000 rows (SQLSTATE 22P02)',
  ]);
  expect(await problemsOf({ ...failing, mapping: { ...failing.mapping, where: 'id <> 7' } })).toEqual([]);
});

test('a text that only the Data API rejects is reported as well', async () => {
  const connect: Case['connect'] = (side, login) => {
    const database = stage.connect(side, login);
    const query: typeof database.query = async (sql, parameters) => {
      if (!/:MI\b/.test(sql)) return database.query(sql, parameters);
      throw Object.assign(new Error('Named parameter MI is missing'), {
        name: 'BadRequestException',
        $fault: 'client',
      });
    };
    return { ...database, query };
  };
  const columns = { time: ['text', `'HH24:MI'`], name: ['text', 'lower(full_name)'] } as const;
  expect(await problemsOf(computing(columns))).toEqual([]);
  expect(await problemsOf({ ...computing(columns), connect })).toEqual([
    'expressions: source table t, expression of time: the source rejects the expression: Named parameter MI is missing (SQLSTATE none)',
  ]);
});

test('a filter that fails or is not immutable is refused', async () => {
  const filtered = (where: string) => computing({}, { where });
  expect(await problemsOf(filtered('NOT deleted'))).toEqual([]);
  expect(await problemsOf(filtered('at < now()'))).toEqual([
    expect.stringMatching(/^expressions: source table t, where: the expression is not immutable/) as string,
  ]);
  expect(await problemsOf(filtered('amount::int > 3'))).toEqual([
    'expressions: source table t, where: the expression fails for some of the first 1000 rows (SQLSTATE 22P02)',
  ]);
});

const digits = {
  reads: ['amount', 'cents'],
  writes: ['digits'],
  apply: ({ amount = null, cents = null }: Readonly<Record<string, string | null>>) => ({
    digits: amount === null ? null : `${amount.replace(/\D/g, '')}-${cents}`,
  }),
};
const target = 'CREATE TABLE t (id int PRIMARY KEY, digits text)';

test('a row function is tested on the rows that pass the filter', async () => {
  const input = { source: SOURCE, target, mapping: { omit: OMIT, rowFunction: digits } };
  expect(await problemsOf(input)).toEqual([]);
  const seen = new Set<string | null>();
  const strict = (row: Readonly<Record<string, string | null>>) => {
    seen.add(row.amount!);
    if (row.amount === 'secret-7') throw new Error(row.amount);
    return digits.apply(row);
  };
  const failing = { ...input, mapping: { omit: OMIT, rowFunction: { ...digits, apply: strict } } };
  expect(await problemsOf(failing)).toEqual([
    expect.stringMatching(
      /^row-function: target table t, rowFunction: the row function of t threw Error at \S+\. Make it return a value for every row$/,
    ) as string,
  ]);
  seen.clear();
  expect(
    await problemsOf({ ...failing, mapping: { ...failing.mapping, where: 'id <> 7 AND NOT deleted' } }),
  ).toEqual([]);
  expect(seen.size).toBe(49);
});

test('a row function whose results depend on earlier rows is refused', async () => {
  let last: string | null = null;
  const apply = (row: Readonly<Record<string, string | null>>) => {
    if (row.cents !== last) last = row.cents!;
    return { digits: String(Number(row.cents) > 50 && calls++ > 100) };
  };
  let calls = 0;
  const problems = await problemsOf({
    source: SOURCE,
    target,
    mapping: { omit: OMIT, rowFunction: { ...digits, apply } },
  });
  expect(problems).toEqual([
    expect.stringMatching(
      /^row-function: .* returns another value for column digits (in a second call|after other rows)/,
    ) as string,
  ]);
});

test('columns that are computed must exist, be ordinary, and be mapped once', async () => {
  const problems = await problemsOf({
    source: SOURCE,
    target: `CREATE TABLE t (id int PRIMARY KEY, full_name text, amount text, state smallint, at timestamp,
      number bigint GENERATED BY DEFAULT AS IDENTITY, made text GENERATED ALWAYS AS (full_name || '!') STORED)`,
    mapping: {
      omit: ['cents', 'deleted', 'tags', 'code', 'doubled'],
      columns: {
        full_name: { sql: 'upper(full_name)' },
        number: { sql: 'cents::bigint' },
        made: { sql: 'full_name' },
        nothing: { sql: 'id' },
      },
      rowFunction: { reads: ['amount', 'amuont'], writes: ['amount', 'state', 'statt'], apply: () => ({}) },
    },
  });
  expect(problems.filter((problem) => !problem.startsWith('row-function'))).toEqual([
    'known-columns: source table t, rowFunction.reads: column amuont does not exist',
    'known-columns: target table t, columns: column nothing does not exist',
    'known-columns: target table t, rowFunction.writes: column statt does not exist',
    'known-columns: source table t: state and the row function both go to target column state',
    expect.stringMatching(
      /^computed-columns: target table t, column number: its default uses sequence/,
    ) as string,
    'computed-columns: target table t, column made: both the target and the mapping compute this column',
  ]);
});

test('a computed primary key is refused', async () => {
  const problems = await problemsOf({
    ...computing({}),
    mapping: { omit: OMIT, columns: { id: { sql: 'id + 1' } } },
  });
  expect(problems).toEqual(
    expect.arrayContaining(['known-columns: source table t, columns: id orders the chunks, but is computed']),
  );
});

test('a worker that may not create temporary objects is reported', async () => {
  const database = new URL(stage.urls.source).pathname.slice(1);
  await runSql(stage.urls.source, `REVOKE TEMPORARY ON DATABASE ${database} FROM PUBLIC`);
  try {
    const problems = await stage.problems(computing({ name: ['text', 'nickname'] }));
    expect(problems).toEqual([
      {
        check: 'expressions',
        subject: 'source worker',
        found: 'login sluice_worker may not create temporary objects, which the check of expressions needs',
        remedy: `GRANT TEMPORARY ON DATABASE "${database}" TO "sluice_worker"`,
      },
    ]);
  } finally {
    await runSql(stage.urls.source, `GRANT TEMPORARY ON DATABASE ${database} TO PUBLIC`);
  }
});

test('the checks leave no objects in the database', async () => {
  await stage.problems(computing({ name: ['text', 'lower(full_name)'] }, { where: 'NOT deleted' }));
  const left = await runSql(
    stage.urls.source,
    "SELECT relname FROM pg_class WHERE relname LIKE 'sluice%' UNION ALL SELECT proname FROM pg_proc WHERE proname LIKE 'sluice%'",
  );
  expect(left).toEqual([]);
});

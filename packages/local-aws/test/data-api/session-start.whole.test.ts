/** Sessions start as those of sqlx, the driver of the service: with its startup parameters and named prepared statements. */
import { DataApiFixture, refusal } from '../../src/testing/data-api';

let bench: DataApiFixture;
beforeAll(async () => {
  bench = await DataApiFixture.start();
});
afterAll(async () => {
  await Promise.all(others.map((other) => other.stopApi()));
  await bench.stop();
});

const others: DataApiFixture[] = [];
/** A Data API without sessions. */
async function anotherApi(): Promise<DataApiFixture> {
  const other = await bench.startAnother({});
  others.push(other);
  return other;
}

/** Consecutive calls use two sessions in turn. */
async function twice(sql: string): Promise<string[]> {
  return [await refusal(bench.execute(sql)), await refusal(bench.execute(sql))];
}

test.each([
  ['DateStyle', 'ISO, MDY', "'German, DMY'"],
  ['TimeZone', 'UTC', "'Asia/Kolkata'"],
  ['extra_float_digits', '2', '-3'],
  ['client_encoding', 'UTF8', "'LATIN1'"],
])('%s is %s, whatever the role and the database set', async (setting, value, other) => {
  const { username, pathname } = new URL(bench.url);
  const database = pathname.slice(1);
  await bench.direct(
    `alter role ${username} set ${setting} = ${other}; alter database ${database} set ${setting} = ${other}`,
  );
  const fresh = await anotherApi();
  try {
    const sql = `select setting || ' ' || source from pg_settings where name = '${setting}'`;
    expect(await fresh.field(sql)).toEqual({ stringValue: `${value} client` });
  } finally {
    await bench.direct(
      `alter role ${username} reset ${setting}; alter database ${database} reset ${setting}`,
    );
  }
});

test('other settings of the role apply, and no application_name is set', async () => {
  const { username } = new URL(bench.url);
  await bench.direct(`alter role ${username} set intervalstyle = 'iso_8601'`);
  const fresh = await anotherApi();
  expect(await fresh.field('show intervalstyle')).toEqual({ stringValue: 'iso_8601' });
  expect(await fresh.field('show application_name')).toEqual({ stringValue: '' });
  await bench.direct(`alter role ${username} reset intervalstyle`);
});

test('a statement is prepared once per session, by text and types of its parameters', async () => {
  const fresh = await anotherApi();
  const sql = 'select :n + 1';
  const names = `select string_agg(name, ' ' order by name) from pg_prepared_statements where statement like '%+ 1'`;
  const plans = `select sum(generic_plans + custom_plans)::int from pg_prepared_statements where statement like '%+ 1'`;
  for (let turn = 0; turn < 4; turn += 1) {
    await fresh.execute(sql, [{ name: 'n', value: { longValue: turn } }]);
    await fresh.execute(sql, [{ name: 'n', value: { longValue: turn } }]);
  }
  expect(await fresh.field(names)).toEqual({ stringValue: 'sqlx_s_1' });
  await fresh.execute('select 1');
  expect(await fresh.field(plans)).toEqual({ longValue: 4 });
});

test('a statement that cannot be parsed is not kept', async () => {
  for (let turn = 0; turn < 2; turn += 1)
    expect(await twice('select * from missing')).toEqual([
      expect.stringContaining('SQLState: 42P01') as string,
      expect.stringContaining('SQLState: 42P01') as string,
    ]);
  await bench.direct('create table missing (n int)');
  expect(await bench.field('select count(*) from missing')).toEqual({ longValue: 0 });
  expect((await bench.execute('select * from missing')).records).toEqual([]);
});

test('a statement that failed when it ran is kept', async () => {
  const divide = (n: number) => bench.execute('select 1 / :n', [{ name: 'n', value: { longValue: n } }]);
  expect(await refusal(divide(0))).toContain('SQLState: 22012');
  expect(await refusal(divide(0))).toContain('SQLState: 22012');
  expect((await divide(1)).records).toEqual([[{ longValue: 1 }]]);
});

test('a kept statement fails after the columns of its result have changed', async () => {
  await bench.direct('create table widened (a int)');
  await bench.execute('select * from widened');
  await bench.execute('select * from widened');
  await bench.direct('alter table widened add b int');
  expect(await twice('select * from widened')).toEqual([
    expect.stringMatching(/cached plan must not change result type[^]*SQLState: 0A000$/) as string,
    expect.stringMatching(/cached plan must not change result type[^]*SQLState: 0A000$/) as string,
  ]);
});

test('a session keeps 100 statements, and closes the one that was used longest ago', async () => {
  const fresh = await anotherApi();
  const transactionId = await fresh.begin();
  const run = (sql: string) => fresh.execute(sql, undefined, { transactionId });
  for (let number = 0; number < 130; number += 1) {
    await run(`select ${number}`);
    await run('select 0');
  }
  const { records } = await run(
    'select count(*)::int, max(statement) filter (where name = $$sqlx_s_1$$) from pg_prepared_statements',
  );
  expect(records).toEqual([[{ longValue: 100 }, { stringValue: 'select 0' }]]);
});

import type { SqlParameter } from '@aws-sdk/client-rds-data';

import { DataApiFixture, long, refusal, text } from '../../src/testing/data-api';

let bench: DataApiFixture;
beforeAll(async () => {
  bench = await DataApiFixture.start();
});
afterAll(() => bench.stop());

const given = (value: SqlParameter['value'], typeHint?: SqlParameter['typeHint']): SqlParameter[] => [
  { name: 'p', value, ...(typeHint && { typeHint }) },
];

describe('parameters', () => {
  test.each([
    [{ stringValue: 'a' }, 'text'],
    [{ longValue: 1 }, 'bigint'],
    [{ doubleValue: 1.5 }, 'double precision'],
    [{ booleanValue: true }, 'boolean'],
    [{ blobValue: Buffer.from('a') }, 'bytea'],
  ])('%j arrives as %s', async (value, type) => {
    expect(await bench.field('select pg_typeof(:p)::text', given(value))).toEqual({ stringValue: type });
  });

  test.each([
    ['JSON', '{"a": 1}', 'json'],
    ['UUID', '0b0c1d2e-0000-4000-8000-000000000001', 'uuid'],
    ['TIMESTAMP', '2026-03-01 10:00:00.123', 'timestamp without time zone'],
    ['DATE', '2026-03-01', 'date'],
    ['TIME', '23:59:59', 'time without time zone'],
    ['DECIMAL', '-12.50', 'numeric'],
  ] as const)('the hint %s sets the type and checks the format', async (hint, stringValue, type) => {
    const sql = `select pg_typeof(:p)::text || ' ' || :p::text`;
    expect(await bench.field(sql, given({ stringValue }, hint))).toEqual({
      stringValue: `${type} ${stringValue}`,
    });
    expect(await bench.field('select pg_typeof(:p)::text', given({ isNull: true }, hint))).toEqual({
      stringValue: type,
    });
    expect(await refusal(bench.field('select :p', given({ stringValue: 'T10:00' }, hint)))).toMatch(
      /^ValidationException: Parameter 'p' does not have the format/,
    );
  });

  test('the type of a null is inferred from its context', async () => {
    const sql = 'select coalesce(:p, 1::int4)';
    expect(await bench.field(sql, given({ isNull: true }))).toEqual({ longValue: 1 });
  });

  test('quotes, backslashes, other scripts and all bytes are preserved', async () => {
    const special = `'; -- \\ "é 雪 😀\n\t{}`;
    expect(await bench.field('select :p', given({ stringValue: special }))).toEqual({ stringValue: special });
    const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
    expect(await bench.field('select :p', given({ blobValue: bytes }))).toEqual({ blobValue: bytes });
    expect(await bench.field('select :p', given({ doubleValue: Number.NaN }))).toEqual({ doubleValue: NaN });
  });

  test('a string is not coerced, as in the service', async () => {
    const sql = 'select 1 where 1::bigint = :p';
    expect(await refusal(bench.field(sql, [text('p', '1')]))).toMatch(
      /^DatabaseErrorException: ERROR: operator does not exist: bigint = text\n.*; SQLState: 42883$/s,
    );
    const cast = 'select 1 where 1::bigint = cast(:p as bigint)';
    expect(await bench.field(cast, [text('p', '1')])).toEqual({ longValue: 1 });
  });

  test('a long beyond 2^53 stays exact on the wire', async () => {
    const body = JSON.stringify({ ...bench.place, sql: 'select :p, :q', parameters: 'HERE' }).replace(
      '"HERE"',
      '[{"name":"p","value":{"longValue":9007199254740993}},{"name":"q","value":{"stringValue":"\\"longValue\\":12345678901234567890}"}}]',
    );
    const response = await fetch(`${bench.api.url}/Execute`, { method: 'POST', body });
    expect(await response.text()).toContain(
      '"records":[[{"longValue":9007199254740993},{"stringValue":"\\"longValue\\":12345678901234567890}"}]]',
    );
  });

  test('missing, unused, duplicate and array parameters are refused, in one error where possible', async () => {
    expect(await refusal(bench.field('select :p, :q', [text('x', '')]))).toBe(
      "ValidationException: Cannot find parameter: p; Cannot find parameter: q; Parameter 'x' is not used by the SQL statement",
    );
    expect(await refusal(bench.field('select :p', [text('p', ''), text('p', '')]))).toContain('given twice');
    const array = given({ arrayValue: { longValues: [1] } });
    expect(await refusal(bench.field('select :p', array))).toMatch(/^BadRequestException: Array parameters/);
  });
});

describe('results', () => {
  test.each([
    ['true', { booleanValue: true }],
    ['null::int', { isNull: true }],
    ['1::int2', { longValue: 1 }],
    [`'-2147483648'::int4`, { longValue: -2147483648 }],
    ['0.1::float4', { doubleValue: 0.1 }],
    ['1e300::float8', { doubleValue: 1e300 }],
    [`'-Infinity'::float8`, { doubleValue: -Infinity }],
    ['12.50::numeric', { stringValue: '12.50' }],
    [`'a'::varchar(3)`, { stringValue: 'a' }],
    [`'a'::char(3)`, { stringValue: 'a  ' }],
    [`'a'::name`, { stringValue: 'a' }],
    [`'{"a":1}'::jsonb`, { stringValue: '{"a": 1}' }],
    [`'10.0.0.0/8'::cidr`, { stringValue: '10.0.0.0/8' }],
    [`'2026-03-01'::date`, { stringValue: '2026-03-01' }],
    [`'10:00:00'::time`, { stringValue: '10:00:00' }],
    [`'2026-03-01 10:00:00.5'::timestamp`, { stringValue: '2026-03-01 10:00:00.5' }],
    [`'2026-03-01 00:30:00.123456+02'::timestamptz`, { stringValue: '2026-02-28 22:30:00.123456' }],
    [`'infinity'::timestamptz`, { stringValue: 'infinity' }],
    ['array[1, null, 3]', { arrayValue: { longValues: [1, null, 3] } }],
    ['array[true]', { arrayValue: { booleanValues: [true] } }],
    ['array[1.5::float8]', { arrayValue: { doubleValues: [1.5] } }],
    [`'[2:3]={a,b}'::text[]`, { arrayValue: { stringValues: ['a', 'b'] } }],
    [
      String.raw`array['a,b', '"', '\', 'NULL', null, '', '{}']`,
      { arrayValue: { stringValues: ['a,b', '"', '\\', 'NULL', null, '', '{}'] } },
    ],
    [`'{}'::text[]`, { arrayValue: { stringValues: [] } }],
  ])('%s is %j', async (expression, field) => {
    expect(await bench.field(`select ${expression}`)).toEqual(field);
  });

  test('timestamps with time zone are in UTC, regardless of the time zone of the session', async () => {
    const transactionId = await bench.begin();
    await bench.execute(`set local timezone to 'Asia/Kolkata'`, [], { transactionId });
    const sql = `select '2026-01-01 00:00:00+00'::timestamptz, '0001-01-01 02:00:00+00'::timestamptz, '2026-01-01 00:00:00+00'::timestamptz::text`;
    const { records } = await bench.execute(sql, [], { transactionId });
    await bench.rollback(transactionId);
    expect(records?.[0]?.map((field) => field.stringValue)).toEqual([
      '2026-01-01 00:00:00',
      '0001-01-01 02:00:00',
      '2026-01-01 05:30:00+05:30',
    ]);
  });

  test('an enum is a string, even if its own transaction created it', async () => {
    const transactionId = await bench.begin();
    await bench.execute(`create type mood as enum ('fine')`, [], { transactionId });
    expect(await bench.field(`select 'fine'::mood`, [], { transactionId })).toEqual({ stringValue: 'fine' });
    await bench.rollback(transactionId);
  });

  test.each([
    [`'(1,2)'::point`, 'POINT'],
    [`1::money`, 'MONEY'],
    [`'1 day'::interval`, 'INTERVAL'],
    [`int4range(1, 2)`, 'INT4RANGE'],
    [`row(1, 2)`, 'RECORD'],
    [`'1'::oid`, 'OID'],
    [`'a'::"char"`, 'CHAR'],
    [`pg_sleep(0)`, 'VOID'],
    [`array[array[1], array[2]]`, 'MULTIDIMENSIONAL ARRAY'],
    [`array['{}'::jsonb]`, '_JSONB'],
  ])('%s is unsupported, but its text is supported', async (expression, name) => {
    expect(await refusal(bench.field(`select ${expression}`))).toBe(
      `UnsupportedResultException: The result contains the unsupported data type ${name}.`,
    );
    expect(await bench.field(`select (${expression})::text`)).toHaveProperty('stringValue');
  });

  test('options change the type of longs and decimals', async () => {
    const row = async (options: object): Promise<unknown> =>
      (
        await bench.execute('select 9007199254740993, 7::numeric, 1.5::numeric', [], {
          resultSetOptions: options,
        })
      ).records?.[0];
    expect(await row({ longReturnType: 'STRING' })).toEqual([
      { stringValue: '9007199254740993' },
      { stringValue: '7' },
      { stringValue: '1.5' },
    ]);
    expect(await row({ longReturnType: 'STRING', decimalReturnType: 'DOUBLE_OR_LONG' })).toEqual([
      { stringValue: '9007199254740993' },
      { longValue: 7 },
      { doubleValue: 1.5 },
    ]);
  });

  test('changed rows are counted, selected rows are not', async () => {
    await bench.direct('create table counted (id int primary key)');
    const inserted = await bench.execute('insert into counted select generate_series(1, :n::int)', [
      long('n', 3),
    ]);
    expect(inserted).toMatchObject({ numberOfRecordsUpdated: 3, generatedFields: [] });
    expect(inserted.records).toBeUndefined();
    const read = await bench.execute('select id from counted where id > 9');
    expect(read).toMatchObject({ numberOfRecordsUpdated: 0, records: [] });
    const returned = await bench.execute('delete from counted where id = 1 returning id');
    expect(returned.records).toEqual([[{ longValue: 1 }]]);
  });

  test('metadata is returned on request', async () => {
    await bench.direct(
      'create table described (id int generated always as identity, price numeric(10, 2) not null, tags text[])',
    );
    const plain = await bench.execute('select * from described');
    expect(plain.columnMetadata).toBeUndefined();
    const sql = 'select id, price as cost, tags, 1.5::float8 as made from described';
    const { columnMetadata } = await bench.execute(sql, [], { includeResultMetadata: true });
    expect(columnMetadata).toMatchObject([
      {
        name: 'id',
        typeName: 'int4',
        tableName: 'described',
        nullable: 0,
        isAutoIncrement: true,
        isSigned: true,
      },
      { label: 'cost', typeName: 'numeric', precision: 10, scale: 2, isAutoIncrement: false },
      { name: 'tags', typeName: '_text', nullable: 1, arrayBaseColumnType: 12 },
      { name: 'made', typeName: 'float8', tableName: '' },
    ]);
  });

  test('records can be returned as one JSON text', async () => {
    const sql = `select 1 as id, 2.50::numeric as price, null as none, 'a"b' as name, '\\x00ff'::bytea as blob, array[1, 2] as list`;
    const { formattedRecords, records } = await bench.execute(sql, [], { formatRecordsAs: 'JSON' });
    expect(formattedRecords).toBe(
      '[{"id":1,"price":"2.50","none":null,"name":"a\\"b","blob":"AP8=","list":[1,2]}]',
    );
    expect(records).toBeUndefined();
    expect(await refusal(bench.execute('select 1 a, 2 a', [], { formatRecordsAs: 'JSON' }))).toMatch(
      /^BadRequestException: .*not unique: a\. /,
    );
  });

  test('with records as one JSON text, records and metadata are absent, even if requested', async () => {
    const response = await fetch(`${bench.api.url}/Execute`, {
      method: 'POST',
      body: JSON.stringify({
        ...{ ...bench.place, sql: 'with few as (select 1 as id) select id from few' },
        ...{ formatRecordsAs: 'JSON', includeResultMetadata: true },
      }),
    });
    expect(await response.json()).toEqual({
      formattedRecords: '[{"id":1}]',
      generatedFields: [],
      numberOfRecordsUpdated: 0,
    });
  });

  test('decimals in a JSON text are numbers on request', async () => {
    const sql = `select 7::numeric as whole, 1.50::numeric as part, 9223372036854775808::numeric as wide, 'NaN'::numeric as none, array[1.5] as list`;
    const { formattedRecords } = await bench.execute(sql, [], {
      formatRecordsAs: 'JSON',
      resultSetOptions: { decimalReturnType: 'DOUBLE_OR_LONG' },
    });
    expect(formattedRecords).toBe(
      '[{"whole":7,"part":1.50,"wide":9223372036854775808,"none":"NaN","list":["1.5"]}]',
    );
  });

  test.each([
    [
      'insert into formatted values (1) returning id',
      { records: [[{ longValue: 1 }]], numberOfRecordsUpdated: 1 },
    ],
    ['update formatted set id = 2', { numberOfRecordsUpdated: 1 }],
    ['show server_encoding', { records: [[{ stringValue: 'UTF8' }]] }],
    ['create table as_selected as select id from formatted', { numberOfRecordsUpdated: 0 }],
  ])('JSON records apply only to a SELECT, and are ignored for: %s', async (sql, expected) => {
    await bench.direct('create table if not exists formatted (id int)');
    const response = await bench.execute(sql, [], { formatRecordsAs: 'JSON' });
    expect(response).toMatchObject(expected);
    expect(response.formattedRecords).toBeUndefined();
    if (!('records' in expected)) expect(response.records).toBeUndefined();
  });
});

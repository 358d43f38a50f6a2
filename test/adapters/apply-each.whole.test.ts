/** Rows that the target refuses together are applied one by one; rows exchange unique values without being deleted. */
import { startLab, type Lab } from '../support/world';
import { ClosedTable, gone, row } from './apply-setup';

let lab: Lab;
beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => lab.stop());

const USERS = 'CREATE TABLE t (id int PRIMARY KEY, mail text NOT NULL UNIQUE)';
const THREE = `INSERT INTO t VALUES (1, 'a'), (2, 'b'), (3, 'c')`;

describe('unique values move between rows of one transaction', () => {
  test('between two rows', async () => {
    const table = await ClosedTable.start(lab, { tables: USERS, held: THREE });
    const swap = [row(1, 1, 'b'), row(2, 2, 'a')];
    await expect(table.apply(...swap)).rejects.toMatchObject({ sqlState: '23505', constraint: 't_mail_key' });
    expect(await table.applyEach(...swap)).toEqual(['applied', 'applied']);
    expect(await table.rows()).toEqual(['(1,b)', '(2,a)', '(3,c)']);
  });

  test('along a chain, in any order of its rows', async () => {
    const table = await ClosedTable.start(lab, { tables: USERS, held: THREE });
    const chain = [row(1, 1, 'b'), row(2, 2, 'c'), row(3, 3, 'd')];
    expect(await table.applyEach(...chain)).toEqual(['applied', 'applied', 'applied']);
    expect(await table.rows()).toEqual(['(1,b)', '(2,c)', '(3,d)']);
    expect(await table.applyEach(row(3, 3, 'c'), row(2, 2, 'b'), row(1, 1, 'a'))).toEqual([
      'applied',
      'applied',
      'applied',
    ]);
    expect(await table.rows()).toEqual(['(1,a)', '(2,b)', '(3,c)']);
  });

  test('from a deleted row to a new one', async () => {
    const table = await ClosedTable.start(lab, { tables: USERS, held: THREE });
    expect(await table.applyEach(row(4, 4, 'a'), row(5, 5, 'b'), gone(2), gone(1))).toEqual(
      Array(4).fill('applied'),
    );
    expect(await table.rows()).toEqual(['(3,c)', '(4,a)', '(5,b)']);
  });

  test('around a large cycle', async () => {
    const table = await ClosedTable.start(lab, {
      tables: USERS,
      held: `INSERT INTO t SELECT n, 'm' || n FROM generate_series(1, 200) AS n`,
    });
    const cycle = Array.from({ length: 200 }, (_, index) =>
      row(index + 1, index + 1, `m${((index + 1) % 200) + 1}`),
    );
    expect(await table.applyEach(...cycle)).toEqual(Array(200).fill('applied'));
    expect(await table.trial.target.sql(`SELECT FROM t WHERE mail <> 'm' || (id % 200 + 1)`)).toEqual([]);
  });

  test('under children that deleting a row would delete', async () => {
    const table = await ClosedTable.start(lab, {
      tables: `${USERS}; CREATE TABLE child (id int PRIMARY KEY, parent int REFERENCES t ON DELETE CASCADE ON UPDATE CASCADE,
        mail text REFERENCES t (mail) ON DELETE SET NULL)`,
      map: ['t', 'child'],
      held: `${THREE}; INSERT INTO child VALUES (10, 1, 'a'), (20, 2, 'b')`,
    });
    // Even where the application's triggers would fire.
    await table.trial.target.sql(
      `ALTER TABLE child DISABLE TRIGGER ALL; ALTER TABLE child ENABLE TRIGGER ALL`,
    );
    expect(await table.applyEach(row(1, 1, 'b'), row(2, 2, 'a'))).toEqual(['applied', 'applied']);
    expect(await table.rows('child')).toEqual(['(10,1,a)', '(20,2,b)']);
    expect(await table.rows()).toEqual(['(1,b)', '(2,a)', '(3,c)']);
  });

  describe('of type', () => {
    const types: [string, string, string, string][] = [
      ['smallint', 'smallint NOT NULL', '7', '-9'],
      ['integer that must be positive', 'int NOT NULL CHECK (u > 0)', '7', '8'],
      ['bigint', 'bigint NOT NULL', '-7', '9223372036854775807'],
      ['numeric of two digits', 'numeric(2, 0) NOT NULL', '1', '2'],
      ['numeric of a fraction', 'numeric(4, 4) NOT NULL', '0.1', '0.2'],
      ['numeric without bounds', 'numeric NOT NULL', '1', '1e40'],
      ['double precision', 'double precision NOT NULL', '0.5', 'NaN'],
      ['text that looks like an email address', `text NOT NULL CHECK (u LIKE '%@%')`, 'a@b', 'c@d'],
      ['short text', 'varchar(4) NOT NULL', 'a', 'b'],
      ['two characters', 'char(2) NOT NULL', 'a', 'b'],
      ['long text', 'text NOT NULL', 'x'.repeat(2_000), 'y'.repeat(2_000)],
      [
        'uuid',
        'uuid NOT NULL',
        '00000000-0000-0000-0000-000000000001',
        '00000000-0000-0000-0000-000000000002',
      ],
      ['date', 'date NOT NULL', '2026-01-01', 'infinity'],
      ['timestamptz', 'timestamptz(0) NOT NULL', '2026-01-01', '2026-01-02'],
      ['bytea', 'bytea NOT NULL', '\\x01', '\\x02'],
      ['inet', 'inet NOT NULL', '10.0.0.1', '10.0.0.2'],
      ['nullable enum', `mood`, 'sad', 'glad'],
      ['domain', 'code NOT NULL', 'AB', 'CD'],
      ['domain over a domain', 'subcode NOT NULL', 'AB', 'CD'],
    ];
    let tables: ClosedTable[];
    beforeAll(async () => {
      tables = await ClosedTable.startAll(lab, {
        tables: `CREATE TYPE mood AS ENUM ('sad', 'glad'); CREATE DOMAIN code AS varchar(2) CHECK (value <> '');
          CREATE DOMAIN subcode AS code;
          ${types.map(([, type], index) => `CREATE TABLE t_${index} (id int PRIMARY KEY, u ${type}, UNIQUE (u))`).join(';')}`,
        map: types.map((_, index) => `t_${index}`),
      });
    });

    test.each(types.map((of, index) => [...of, index] as const))(
      '%s',
      async (_what, _type, one, other, index) => {
        const table = tables[index]!;
        await table.apply(row(1, 1, one), row(2, 2, other));
        const values = async (order: string) =>
          (
            await table.trial.target.sql(
              `SELECT array_agg(u::text ORDER BY id ${order}) AS u FROM t_${index}`,
            )
          )[0];
        const before = await values('');
        expect(await table.applyEach(row(1, 1, other), row(2, 2, one))).toEqual(['applied', 'applied']);
        expect(await values('DESC')).toEqual(before);
      },
    );
  });

  test.each<[string, string]>([
    ['several columns', 'CREATE UNIQUE INDEX ON t (a, b)'],
    ['a part of the key and another column', 'CREATE UNIQUE INDEX ON t ((id % 1), b)'],
    ['an expression', 'CREATE UNIQUE INDEX ON t (lower(b))'],
    ['an expression where NULL is a value', `CREATE UNIQUE INDEX ON t (coalesce(b, ''))`],
    ['some of the rows', 'CREATE UNIQUE INDEX ON t (b) WHERE a > 0'],
    ['NULLs that are not distinct', 'CREATE UNIQUE INDEX ON t (b) NULLS NOT DISTINCT'],
    ['columns, with others that it only includes', 'CREATE UNIQUE INDEX ON t (b) INCLUDE (a)'],
  ])('under an index on %s', async (_what, index) => {
    const table = await ClosedTable.start(lab, {
      tables: `CREATE TABLE t (id int PRIMARY KEY, a int, b text); ${index}`,
      held: `INSERT INTO t VALUES (1, 1, 'x'), (2, 1, 'y'), (3, 1, NULL)`,
    });
    const refused = table.apply(row(1, 1, 1, 'y'), row(2, 2, 1, 'x'));
    await expect(refused).rejects.toMatchObject({ sqlState: '23505' });
    expect(await table.applyEach(row(1, 1, 1, 'y'), row(2, 2, 1, 'x'))).toEqual(['applied', 'applied']);
    expect(await table.rows()).toEqual(['(1,1,y)', '(2,1,x)', '(3,1,)']);
  });

  test('of two indexes at once, and of a primary key that the mapping does not use', async () => {
    const table = await ClosedTable.start(lab, {
      tables: 'CREATE TABLE t (id int PRIMARY KEY, code text NOT NULL UNIQUE, n int NOT NULL UNIQUE)',
      map: [{ source: 'shop.t', target: 'shop.t', key: ['code'] }],
      held: `INSERT INTO t VALUES (1, 'a', 10), (2, 'b', 20), (3, 'c', 30)`,
    });
    const changes = [row('a', 2, 'a', 30), row('b', 3, 'b', 10), row('c', 1, 'c', 20)];
    expect(await table.applyEach(...changes)).toEqual(['applied', 'applied', 'applied']);
    expect(await table.rows()).toEqual(['(1,c,20)', '(2,a,30)', '(3,b,10)']);
  });

  test('of composite keys within a partitioned table', async () => {
    const table = await ClosedTable.start(lab, {
      tables: `CREATE TABLE t (shop int, id int, mail text, PRIMARY KEY (shop, id), UNIQUE (shop, mail)) PARTITION BY LIST (shop);
        CREATE TABLE t_1 PARTITION OF t FOR VALUES IN (1); CREATE TABLE t_2 PARTITION OF t FOR VALUES IN (2)`,
      held: `INSERT INTO t VALUES (1, 1, 'a'), (1, 2, 'b'), (2, 1, 'a')`,
    });
    expect(await table.applyEach(row('1,1', 1, 1, 'b'), row('1,2', 1, 2, 'a'))).toEqual([
      'applied',
      'applied',
    ]);
    expect(await table.rows()).toEqual(['(1,1,b)', '(1,2,a)', '(2,1,a)']);
  });
});

describe('an unresolvable conflict', () => {
  test('is reported, deletes nothing and leaves no parking value in a row', async () => {
    const table = await ClosedTable.start(lab, { tables: USERS, held: THREE });
    const refusal = { kind: 'duplicate', sqlState: '23505', constraint: 't_mail_key' };
    expect(await table.applyEach(row(1, 1, 'c'), row(4, 4, 'c'), row(5, 5, 'e'))).toEqual([
      refusal,
      refusal,
      'applied',
    ]);
    expect(await table.rows()).toEqual(['(1,a)', '(2,b)', '(3,c)', '(5,e)']);
  });

  test('does not prevent other rows from exchanging values', async () => {
    const table = await ClosedTable.start(lab, { tables: USERS, held: `${THREE}, (4, 'd'), (5, 'e')` });
    expect(await table.applyEach(row(1, 1, 'b'), row(2, 2, 'a'), row(4, 4, 'c'), row(5, 5, 'd'))).toEqual([
      'applied',
      'applied',
      { kind: 'duplicate', sqlState: '23505', constraint: 't_mail_key' },
      { kind: 'duplicate', sqlState: '23505', constraint: 't_mail_key' },
    ]);
    expect(await table.rows()).toEqual(['(1,b)', '(2,a)', '(3,c)', '(4,d)', '(5,e)']);
  });

  test('within a cycle leaves the whole cycle unchanged', async () => {
    const table = await ClosedTable.start(lab, {
      tables: 'CREATE TABLE t (id int PRIMARY KEY, mail text UNIQUE, v int CHECK (v > 0))',
      held: `INSERT INTO t VALUES (1, 'a', 1), (2, 'b', 2), (3, 'c', 3)`,
    });
    expect(await table.applyEach(row(1, 1, 'b', 10), row(2, 2, 'c', -1), row(3, 3, 'a', 30))).toMatchObject([
      { sqlState: '23505' },
      { sqlState: '23514', constraint: 't_v_check' },
      { sqlState: '23505' },
    ]);
    expect(await table.rows()).toEqual(['(1,a,1)', '(2,b,2)', '(3,c,3)']);
  });

  test('on a type without another value is reported', async () => {
    const table = await ClosedTable.start(lab, {
      tables: `CREATE TABLE t (id int PRIMARY KEY, main boolean NOT NULL UNIQUE)`,
      held: `INSERT INTO t VALUES (1, true), (2, false)`,
    });
    expect(await table.applyEach(row(1, 1, 'f'), row(2, 2, 't'))).toMatchObject([
      { sqlState: '23505' },
      { sqlState: '23505' },
    ]);
    expect(await table.rows()).toEqual(['(1,t)', '(2,f)']);
  });
});

test.each<[string, string, (string | null)[], string]>([
  ['a check', 'v int CHECK (v > 0)', ['-1'], '23514'],
  ['not null', 'v int NOT NULL', [null], '23502'],
  ['a value that the type does not have', 'v int', ['one'], '22P02'],
  ['a value that is too long', 'v varchar(2)', ['long'], '22001'],
])('a row that is refused for %s does not hold up the others', async (_what, column, texts, sqlState) => {
  const table = await ClosedTable.start(lab, { tables: `CREATE TABLE t (id int PRIMARY KEY, ${column})` });
  expect(await table.applyEach(row(1, 1, '1'), row(2, 2, ...texts), row(3, 3, '3'))).toMatchObject([
    'applied',
    { sqlState },
    'applied',
  ]);
  expect(await table.rows()).toEqual(['(1,1)', '(3,3)']);
});

test('only the chunks that were written to are touched', async () => {
  const table = await ClosedTable.start(lab, { tables: USERS, held: THREE, boundaries: ['{2}', '{3}'] });
  await table.applyEach(row(1, 1, 'c'), row(2, 2, 'new'));
  expect(await table.target.verifier.touches(table.prefix)).toEqual(new Map([[1, 1]]));
});

test('an error of the statement, not of a row, fails the whole call', async () => {
  const table = await ClosedTable.start(lab, { tables: USERS, held: THREE });
  await table.trial.target.sql('REVOKE INSERT ON shop.t FROM sluice_worker');
  await expect(table.applyEach(gone(1), row(2, 2, 'new'))).rejects.toMatchObject({ sqlState: '42501' });
  expect(await table.rows()).toEqual(['(1,a)', '(2,b)', '(3,c)']);
});

test('a lock timeout fails the whole call, which can be retried', async () => {
  const table = await ClosedTable.start(lab, { tables: USERS, held: THREE });
  await table.trial.target.sql(
    `ALTER ROLE sluice_worker IN DATABASE ${new URL(table.trial.target.url).pathname.slice(1)} SET lock_timeout = '100ms'`,
  );
  await table.trial.disconnect();
  const blocker = await table.trial.target.session('sluice_worker');
  await blocker.query('BEGIN; SELECT FROM shop.t WHERE id = 2 FOR UPDATE');
  const { writer } = table.trial.world().ends.target;
  await expect(
    writer.applyEach(table.layout, table.prefix, table.ticket(1), [gone(1), row(2, 2, 'new')]),
  ).rejects.toMatchObject({
    name: 'TransientFailure',
  });
  await blocker.query('ROLLBACK');
  expect(await table.rows()).toEqual(['(1,a)', '(2,b)', '(3,c)']);
});

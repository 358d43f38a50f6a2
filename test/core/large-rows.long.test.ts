/** Rows of any size arrive as they are: values that no request carries go in slices. */
import { startLab, type Lab, type Trial } from '../support/world';

let lab: Lab;
beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => lab.stop());

const TABLES = `CREATE TABLE t (id int PRIMARY KEY, text text, bytes bytea, document jsonb, list text[], padded char(5000), nothing text)`;
const MIB = 1_048_576;

/** `bytes` of text whose characters take one to four bytes each, so that slices cut through them. */
const textOf = (bytes: number, seed = 'x') =>
  `(SELECT string_agg(c, '') FROM (SELECT 'aé日😀' || md5('${seed}' || n) || ' ' AS c FROM generate_series(1, ${Math.ceil(bytes / 43)}) AS n) AS s)`;
const bytesOf = (bytes: number) =>
  `(SELECT string_agg(decode(md5(n::text), 'hex'), '') FROM generate_series(1, ${Math.ceil(bytes / 16)}) AS n)`;
const jsonOf = (bytes: number) =>
  `(SELECT jsonb_agg(jsonb_build_object('k', md5(n::text), 'é"\\', NULL, 'n', n / 7.0)) FROM generate_series(1, ${Math.ceil(bytes / 90)}) AS n)`;

async function moved(seed: string): Promise<Trial> {
  const trial = await lab.trial({ tables: TABLES, seed: `${seed}; ANALYZE t` });
  await trial.begin();
  await trial.walk('verify');
  return trial;
}

async function assertSame(trial: Trial): Promise<void> {
  const hashes = `SELECT id, md5(text) AS text, md5(bytes) AS bytes, md5(document::text) AS document, md5(list::text) AS list,
    md5(padded) AS padded, octet_length(padded) AS padding, octet_length(text) AS size, nothing IS NULL AS nothing FROM t ORDER BY id`;
  expect(await trial.target.sql(hashes)).toEqual(await trial.source.sql(hashes));
  expect(await trial.target.count('sluice.slice')).toBe(0);
  expect(await trial.problems()).toEqual([]);
}

test('a mebibyte of text, of bytes, of JSON, of a list', async () => {
  const trial = await moved(`
    INSERT INTO t (id, text) VALUES (1, ${textOf(MIB)});
    INSERT INTO t (id, bytes) VALUES (2, ${bytesOf(MIB)});
    INSERT INTO t (id, document) VALUES (3, ${jsonOf(MIB)});
    INSERT INTO t (id, list) SELECT 4, array_agg(md5(n::text) || '",{}\\') FROM generate_series(1, 30000) AS n;
    INSERT INTO t (id, text, bytes, document, padded) VALUES (5, ${textOf(MIB, 'y')}, ${bytesOf(MIB)}, ${jsonOf(MIB)}, 'end')`);
  const [row] = await trial.source.sql<{ size: number }>(
    'SELECT octet_length(text) AS size FROM t WHERE id = 1',
  );
  expect(row!.size).toBeGreaterThan(MIB);
  await assertSame(trial);
});

test('sixteen mebibytes of text', async () => {
  await assertSame(await moved(`INSERT INTO t (id, text) VALUES (1, ${textOf(16 * MIB)})`));
});

test('an empty text and NULL next to a large value stay distinct', async () => {
  const trial = await moved(`
    INSERT INTO t (id, text, nothing, list) VALUES (1, ${textOf(200_000)}, '', '{}'), (2, ${textOf(200_000)}, NULL, NULL),
      (3, ${textOf(200_000)}, ' ', '{"",NULL}')`);
  await assertSame(trial);
  const values = 'SELECT id, nothing, list FROM t ORDER BY id';
  expect(await trial.target.sql(values)).toEqual([
    { id: 1, nothing: '', list: [] },
    { id: 2, nothing: null, list: null },
    { id: 3, nothing: ' ', list: ['', null] },
  ]);
});

test('large and small rows in any order', async () => {
  const trial = await moved(`
    INSERT INTO t (id, text) SELECT n, CASE WHEN n % 17 = 0 OR n IN (1, 2, 250) THEN repeat(md5(n::text) || 'é', 3000 * (1 + n % 3)) ELSE 'small ' || n END
    FROM generate_series(1, 250) AS n`);
  expect(await trial.target.count('t')).toBe(250);
  await assertSame(trial);
});

test.each([59_000, 60_000, 61_000, 65_536, 90_000])(
  'rows around the size of a result row: %i bytes',
  async (bytes) => {
    const trial = await moved(`
    ALTER TABLE t ALTER text SET STORAGE EXTERNAL;
    INSERT INTO t (id, text) SELECT n, repeat('"', ${bytes} / 2 - n) FROM generate_series(1, 6) AS n;
    INSERT INTO t (id, text) SELECT 10 + n, repeat('x', ${bytes} - n) FROM generate_series(1, 6) AS n`);
    await assertSame(trial);
  },
);

test('a copier that is killed between the slices of a row leaves no slices', async () => {
  const trial = await lab.trial({
    tables: TABLES,
    seed: `INSERT INTO t (id, text) VALUES (1, ${textOf(2 * MIB)}), (2, 'small')`,
  });
  await trial.begin();
  await trial.walk('plan');
  let staged = 0;
  const dying = trial.world((call) => {
    if (/INSERT INTO sluice\.slice/.test(call.sql) && ++staged === 3) throw new Error('killed');
    return call.run();
  });
  await expect(trial.copy(0, dying)).rejects.toThrow('killed');
  expect(await trial.target.count('sluice.slice')).toBeGreaterThan(0);
  expect(await trial.target.count('t')).toBe(0);
  await trial.walk('verify');
  await assertSame(trial);
});

test('a large row that the target refuses is skipped together with its slices', async () => {
  const trial = await lab.trial({
    tables: 'CREATE TABLE t (id int PRIMARY KEY, text text)',
    target: `CREATE TABLE t (id int PRIMARY KEY, text text CHECK (octet_length(text) < 1000000))`,
    seed: `INSERT INTO t VALUES (1, ${textOf(MIB)}), (2, ${textOf(200_000)}), (3, 'small')`,
  });
  await trial.begin();
  await trial.walk('backfill');
  expect(await trial.target.sql('SELECT id FROM t ORDER BY id')).toEqual([{ id: 2 }, { id: 3 }]);
  expect(await trial.problems()).toEqual([expect.objectContaining({ sqlState: '23514' })]);
  expect((await trial.chunks())[0]).toMatchObject({ state: 'closed', skipped: 1 });
  expect(await trial.target.count('sluice.slice')).toBe(0);
});

/** A value's text is lossless only under the pinned settings, so a session without them may not carry rows. */
import type { Side } from '../../src/contract/sides';
import { PINNED_SETTINGS, PINNED_TARGET_SETTINGS } from '../../src/core/settings';
import { startLab, type Lab, type Trial } from '../support/world';

let lab: Lab;
let trial: Trial;

/** Another value that the server accepts, for each pinned setting. */
const OTHERS: Readonly<Record<string, string>> = {
  DateStyle: `'SQL, DMY'`,
  TimeZone: `'America/New_York'`,
  IntervalStyle: `'sql_standard'`,
  extra_float_digits: '-3',
  bytea_output: `'escape'`,
  lc_monetary: `'POSIX'`,
  search_path: `'public'`,
  default_transaction_isolation: `'repeatable read'`,
  row_security: 'on',
  xmloption: `'document'`,
  session_replication_role: `'origin'`,
};

beforeAll(async () => {
  lab = await startLab();
  trial = await lab.trial({
    tables: 'CREATE TABLE t (id int PRIMARY KEY, at timestamptz)',
    seed: `INSERT INTO t SELECT n, now() FROM generate_series(1, 20) AS n`,
  });
  await trial.begin();
  await trial.walk('plan');
});
afterAll(() => lab.stop());

test.each([
  ['DateStyle', 'date', '2026-02-01'],
  ['TimeZone', 'timestamptz', '2026-11-01 01:30:00+00'],
  ['IntervalStyle', 'interval', '1 mon -1 days'],
  ['extra_float_digits', 'float8', '0.1234567890123456'],
  ['bytea_output', 'bytea', '\\x00ff'],
])('under another %s the text of a %s is not the text that is sent', async (setting, type, value) => {
  const textUnder = async (setTo: string) => {
    const [row] = await trial.source.sql<{ text: string }>(
      `SET ${setting} = ${setTo}; SELECT '${value}'::${type}::text AS text`,
    );
    return row!.text;
  };
  const pinned = PINNED_SETTINGS[setting]!;
  const setTo = setting === 'DateStyle' ? pinned : `'${pinned}'`;
  expect(await textUnder(OTHERS[setting]!)).not.toBe(await textUnder(setTo));
});

test('a date written with one order of day and month is another date with the other', async () => {
  const [row] = await trial.source.sql<{ date: string }>(
    `SET datestyle = 'SQL, DMY'; CREATE TEMP TABLE seen AS SELECT '2026-02-01'::date::text AS text;
     SET datestyle = 'ISO, MDY'; SELECT text::date::text AS date FROM seen`,
  );
  expect(row!.date).toBe('2026-01-02');
});

/** The Data API sets them when it starts a session, whatever the role sets. */
const SET_AT_START = ['DateStyle', 'TimeZone', 'extra_float_digits'];
const ofTheRole = (settings: object) => Object.keys(settings).filter((name) => !SET_AT_START.includes(name));

describe.each(['source', 'target'] as const)('the assertion in a session of the %s', (side) => {
  const asserted = async (change: string) => {
    const session = await trial[side].session('sluice_worker');
    await session.query(change);
    const { rows } = await session.query(`SELECT sluice.assert_${side}_session_v1() AS ok`);
    return rows as unknown;
  };

  test.each([
    `SET DateStyle = 'ISO, MDY'; SET extra_float_digits = 2`,
    `SET DateStyle = 'ISO, DMY'; SET extra_float_digits = 1`,
    `SET DateStyle = 'ISO, YMD'; SET extra_float_digits = 3`,
  ])('accepts %s', async (change) => {
    expect(await asserted(change)).toEqual([{ ok: true }]);
  });

  test.each([
    ...SET_AT_START.map((setting) => `SET ${setting} = ${OTHERS[setting]!}`),
    'SET extra_float_digits = 0',
  ])('refuses %s', async (change) => {
    await expect(asserted(change)).rejects.toMatchObject({ code: 'SL004' });
  });
});

describe.each([
  ['source', ofTheRole(PINNED_SETTINGS)],
  ['target', ofTheRole(PINNED_TARGET_SETTINGS)],
] as const)('a worker of the %s whose role lacks', (side, settings) => {
  test.each(settings)('%s moves nothing', async (setting) => {
    await alterLogin('worker', side, `SET ${setting} = ${OTHERS[setting]!}`);
    try {
      await expect(trial.copy(0)).rejects.toMatchObject({ name: 'StatementRefused', sqlState: 'SL004' });
      expect(await trial.target.count('t')).toBe(0);
      const [lease] = await trial.target.sql('SELECT seq, cursor FROM sluice.lease');
      expect(lease).toEqual({ seq: '0', cursor: null });
    } finally {
      await alterLogin('worker', side, `RESET ${setting}`);
    }
  });
});

test.each(['source', 'target'] as const)(
  'a verifier of the %s without a setting compares nothing',
  async (side) => {
    const [table] = await trial.world().describe('forward');
    const digest = () => {
      const { verifier } = trial.world().ends[side];
      const all = { lower: null, upper: null };
      return side === 'source'
        ? verifier.digestFrom(table!.layout, all)
        : verifier.digestTo(table!.layout, all);
    };
    await alterLogin('verifier', side, `SET intervalstyle = 'iso_8601'`);
    await expect(digest()).rejects.toMatchObject({ sqlState: 'SL004' });
    await alterLogin('verifier', side, 'RESET intervalstyle');
    await expect(digest()).resolves.toMatchObject({ rows: side === 'source' ? 20 : 0 });
  },
);

test('the chunk is copied after the settings are pinned again', async () => {
  await expect(trial.copy(0)).resolves.toMatchObject({ done: true });
  expect(await trial.target.content('t')).toBe(await trial.source.content('t'));
});

describe('row security', () => {
  const policies = `ALTER TABLE t ENABLE ROW LEVEL SECURITY;
    CREATE POLICY own ON t FOR SELECT USING (id < 10)`;
  const guarded = async () => {
    const other = await lab.trial({
      tables: 'CREATE TABLE t (id int PRIMARY KEY)',
      seed: `INSERT INTO t SELECT generate_series(1, 20)`,
    });
    await other.begin();
    await other.walk('plan');
    await other.source.sql(policies);
    return other;
  };

  test('silently hides rows from a login without row_security = off', async () => {
    const other = await guarded();
    const [seen] = await other.source.sql<{ n: string }>('SELECT count(*) AS n FROM t', 'app');
    expect(seen!.n).toBe('9');
  });

  test('stops the worker instead of giving it fewer rows', async () => {
    const other = await guarded();
    await expect(other.copy(0)).rejects.toMatchObject({ name: 'StatementRefused', sqlState: '42501' });
    expect(await other.target.count('t')).toBe(0);
    await expect(
      other.world().ends.source.verifier.digestFrom((await other.world().describe('forward'))[0]!.layout, {
        lower: null,
        upper: null,
      }),
    ).rejects.toMatchObject({ sqlState: '42501' });
  });
});

/** Changes settings in this database only; Sluice's sessions reconnect. */
async function alterLogin(login: 'worker' | 'verifier', side: Side, change: string): Promise<void> {
  const database = new URL(trial[side].url).pathname.slice(1);
  await trial[side].sql(`ALTER ROLE sluice_${login} IN DATABASE ${database} ${change}`);
  await trial.disconnect();
}

/** The definition that a generation started with stays in effect, whatever is deployed while it runs or is held. */
import {
  defineMigration,
  defineRowFunction,
  type Definition,
  type TableMapping,
} from '../../src/core/definition/definition';
import { InconsistentLedger, RowFunctionFailed, WrongState } from '../../src/core/errors';
import { abortOf } from '../support/undo';
import { clean } from '../../src/core/stages/clean';
import { reopen } from '../../src/core/stages/reopen';
import { revoke } from '../../src/core/stages/revoke';
import { endpoint, startLab, type Lab, type Setup, type Trial } from '../support/world';
import { assertMoved, LIVE, recordOf } from './live-setup';

let lab: Lab;
beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => lab.stop());
afterEach(() => lab.endTrials());

const TWO: Setup = {
  tables: 'CREATE TABLE t (id int PRIMARY KEY, v text); CREATE TABLE u (id int PRIMARY KEY, v text)',
  seed: `INSERT INTO t SELECT n, 'v' || n FROM generate_series(1, 50) AS n;
    INSERT INTO u SELECT n, 'v' || n FROM generate_series(1, 50) AS n; ANALYZE`,
};

const redefine = ({ name, shape, source, target }: Definition, tables: readonly TableMapping[]): Definition =>
  defineMigration({ name, shape, source, target, tables });

const withTables = (definition: Definition, names: readonly string[]): Definition =>
  redefine(
    definition,
    names.map((name) => ({ source: name, target: name, chunking: { rows: 100 } })),
  );

/** Another cluster, which the trial's connections refuse. */
const elsewhere = (definition: Definition): Definition => ({
  ...definition,
  source: { test: { ...endpoint('source'), clusterArn: `${endpoint('source').clusterArn}-2` } },
});

const insertAsApplication = (trial: Trial, table: string) =>
  trial.source.sql(`INSERT INTO ${table} (id, v) VALUES (1000, 'late')`, 'app');

async function heldAt(stage: 'plan' | 'backfill' | 'prepare', setup: Setup): Promise<Trial> {
  const trial = await lab.trial(setup);
  await trial.begin();
  await trial.walk(stage, await trial.open());
  return trial;
}

describe('a resume with another deployed definition', () => {
  test('does not move a table that was added: its guard is missing, and its writes would be lost', async () => {
    const trial = await heldAt('backfill', { ...TWO, map: ['t'] });
    trial.deployed = withTables(trial.definition, ['shop.t', 'shop.u']);
    await trial.begin('execution-2');
    await trial.walk('seal', await trial.open());
    await insertAsApplication(trial, 'u');
    await trial.walk('open', await trial.open());
    expect(await trial.target.count('t')).toBe(50);
    expect(await trial.target.count('u')).toBe(0);
    expect(await trial.source.count('u')).toBe(51);
    expect((await recordOf(trial)).differences).toEqual({
      count: 1,
      shown: [
        {
          path: 'tables[shop.u]',
          frozen: null,
          deployed: expect.stringContaining('"source":"shop.u"') as string,
        },
      ],
    });
  });

  test('still moves a table that was removed', async () => {
    const trial = await heldAt('plan', { ...TWO, map: ['t', 'u'] });
    trial.deployed = withTables(trial.definition, ['shop.t']);
    await trial.begin('execution-2');
    await trial.walk('open', await trial.open());
    const { source, target } = await trial.contents();
    expect(target).toEqual(source);
    expect(await trial.target.count('u')).toBe(50);
    await expect(insertAsApplication(trial, 'u')).rejects.toThrow(/writes to shop\.u are refused/);
  });

  test('keeps the endpoints, and journals both', async () => {
    const trial = await heldAt('plan', { ...TWO, map: ['t'] });
    trial.deployed = elsewhere(trial.definition);
    await trial.begin('execution-2');
    await trial.walk('open', await trial.open());
    expect(await trial.target.count('t')).toBe(50);
    const journal = await trial.control.journal.last(trial.name, 100);
    expect(journal.find(({ event }) => event === 'resumed')?.evidence).toMatchObject({
      differences: {
        count: 1,
        shown: [
          {
            path: 'source.clusterArn',
            frozen: JSON.stringify(endpoint('source').clusterArn),
            deployed: JSON.stringify(`${endpoint('source').clusterArn}-2`),
          },
        ],
      },
    });
  });

  test('continues although its file is gone, and says so', async () => {
    const trial = await heldAt('plan', LIVE);
    trial.deployed = null;
    await trial.begin('execution-2');
    await trial.walk('stop-capture', await trial.open());
    await assertMoved(trial);
    const { differences } = await recordOf(trial);
    expect(differences?.shown).toEqual([
      {
        path: 'definition',
        frozen: '"valid"',
        deployed: expect.stringContaining('there is no migration') as string,
      },
    ]);
  });

  test('reports nothing if the definition is the same, and forgets an earlier report', async () => {
    const trial = await heldAt('plan', { ...TWO, map: ['t'] });
    trial.deployed = withTables(trial.definition, ['shop.u']);
    await trial.begin('execution-2');
    trial.deployed = trial.definition;
    await trial.begin('execution-3');
    expect((await recordOf(trial)).differences).toBeNull();
  });

  test('a generation that starts after an abort takes it', async () => {
    const trial = await heldAt('plan', { ...TWO, map: ['t'] });
    const first = (await recordOf(trial)).definition;
    await trial.abort('another table', await trial.open());
    trial.deployed = withTables(trial.definition, ['shop.t', 'shop.u']);
    await trial.begin('execution-2');
    expect((await recordOf(trial)).definition).not.toEqual(first);
    expect((await trial.open()).definition.tables.map(({ target }) => target)).toEqual(['shop.t', 'shop.u']);
  });
});

describe('an abort', () => {
  test.each([
    ['the endpoints were changed', (trial: Trial) => (trial.deployed = elsewhere(trial.definition))],
    ['the file was deleted', (trial: Trial) => (trial.deployed = null)],
    ['the file is invalid', (trial: Trial) => (trial.deployed = { name: 'broken' } as unknown as Definition)],
  ])('restores both ends although %s', async (_, deploy) => {
    const trial = await heldAt('backfill', { ...TWO, map: ['t'] });
    deploy(trial);
    const input = await abortOf(trial.world());
    for (const step of [revoke, reopen, clean]) await step(await trial.open(), input);
    expect([await trial.source.traces(), await trial.target.traces()]).toEqual([[], []]);
    expect(await trial.target.count('t')).toBe(0);
    await insertAsApplication(trial, 't');
    expect(await recordOf(trial)).toMatchObject({ status: 'aborted', writes: 'source' });
  });
});

describe('a row function', () => {
  const upper = defineRowFunction({
    reads: ['v'],
    writes: ['v'],
    apply: ({ v }) => ({ v: v === null ? null : v.toUpperCase() }),
  });
  const lower = defineRowFunction({
    reads: ['v'],
    writes: ['v'],
    apply: ({ v }) => ({ v: v === null ? null : v.toLowerCase() }),
  });
  const mapped = (rowFunction: typeof upper): TableMapping[] => [
    { source: 'shop.t', target: 'shop.t', chunking: { rows: 100 }, rowFunction },
  ];
  const deploy = (trial: Trial, rowFunction: typeof upper): void => {
    trial.deployed = redefine(trial.definition, mapped(rowFunction));
  };

  test('comes from the deployment as long as it is the same', async () => {
    const trial = await heldAt('plan', { ...TWO, map: mapped(upper) });
    deploy(trial, { ...upper });
    await trial.begin('execution-2');
    await trial.walk('open', await trial.open());
    expect(await trial.target.rows('t')).toContain('(1,V1)');
  });

  test.each([
    ['was changed', (trial: Trial) => deploy(trial, lower)],
    [
      'is gone with its mapping',
      (trial: Trial) => (trial.deployed = withTables(trial.definition, ['shop.u'])),
    ],
    ['is gone with its file', (trial: Trial) => (trial.deployed = null)],
  ])('that %s is refused at resume, and by a run that continues', async (_, change) => {
    const trial = await heldAt('plan', { ...TWO, map: mapped(upper) });
    change(trial);
    await expect(trial.begin('execution-2')).rejects.toThrow(WrongState);
    await expect(trial.begin('execution-2')).rejects.toThrow(
      /the row function of shop\.t is not the one that the generation started with\. Deploy the earlier/,
    );
    expect((await recordOf(trial)).execution).toBe('execution-1');
    await expect(trial.copy(0, await trial.open())).rejects.toThrow(RowFunctionFailed);
    expect(await trial.target.count('t')).toBe(0);
    await trial.abort('a test says so', await trial.open());
    expect(await recordOf(trial)).toMatchObject({ status: 'aborted' });
  });

  test('that was changed after the rows were verified does not hold up the end', async () => {
    const trial = await heldAt('plan', { ...TWO, map: mapped(upper) });
    await trial.walk('verify', await trial.open());
    deploy(trial, lower);
    await trial.begin('execution-2');
    await trial.walk('open', await trial.open());
    expect(await trial.target.rows('t')).toContain('(1,V1)');
  });
});

test('a schema file that was changed since the start is refused before it runs', async () => {
  const files = { 'next.sql': 'CREATE TABLE shop.t (id int PRIMARY KEY, v text)' };
  const trial = await lab.trial({ ...TWO, target: 'SELECT 1', map: ['t'], files });
  await trial.begin();
  lab.assets(trial.name, files);
  const world = await trial.open();
  await expect(world.schemaFiles('target')).resolves.toEqual(Object.values(files));
  files['next.sql'] += '; DROP TABLE IF EXISTS shop.u';
  await expect((await trial.open()).schemaFiles('target')).rejects.toThrow(
    /schema file next\.sql has changed since the generation started\. Deploy the earlier file/,
  );
});

describe.each(['offline', 'cdc'] as const)('at the fence of shape %s', (shape) => {
  const before = shape === 'offline' ? 'prepare' : 'catch-up';

  test.each([
    ['source', 'lacks', "DELETE FROM sluice.guarded WHERE table_name = 'u'", '"shop"."t"'],
    [
      'target',
      'has too many',
      "INSERT INTO sluice.guarded SELECT owner, migration, side, schema_name, 'more' FROM sluice.guarded WHERE table_name = 't'",
      '"shop"."more", "shop"."t", "shop"."u"',
    ],
  ] as const)(
    'a guard of the %s that %s tables is refused, and nothing is fenced',
    async (side, _, sql, found) => {
      const definition = shape === 'cdc' ? { shape, fence: { seconds: 60 } } : { shape };
      const trial = await lab.trial({ ...TWO, map: ['t', 'u'], definition });
      await trial.begin();
      await trial.walk(before, await trial.open());
      await trial[side].sql(sql);
      const failure = await trial.walk('fence', await trial.open()).catch((error: unknown) => error);
      expect(failure).toBeInstanceOf(InconsistentLedger);
      expect(String(failure)).toContain(
        `the guard of the ${side} of migration ${trial.name} covers ${found}, but generation 1 moves "shop"."t", "shop"."u"`,
      );
      await insertAsApplication(trial, 't');
      expect(await recordOf(trial)).toMatchObject({ writes: 'source', cutoverAttempts: 0 });
    },
  );
});

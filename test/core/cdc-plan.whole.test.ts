/** Planning a table under writes: every range has exactly one owner, wherever the plan is interrupted. */
import type { World } from '../../src/core/world';
import { overriding, startLab, withEnd, type Lab, type Trial } from '../support/world';
import { assertMoved, LIVE } from './live-setup';

let lab: Lab;
beforeAll(async () => {
  lab = await startLab();
});
afterEach(() => lab.endTrials());
afterAll(() => lab.stop());

const SETUP = {
  ...LIVE,
  tables: 'CREATE TABLE parent (id int PRIMARY KEY, v text NOT NULL)',
  map: ['parent'],
};
const FILLED = {
  ...SETUP,
  seed: `INSERT INTO parent SELECT n, 'v' FROM generate_series(1, 600) AS n; ANALYZE`,
};
const EMPTY = { ...SETUP, seed: '' };

async function captured(setup: typeof SETUP): Promise<Trial> {
  const trial = await lab.trial(setup);
  await trial.begin();
  for (const stage of ['preflight', 'prepare', 'start-capture'] as const) await trial.stage(stage);
  return trial;
}

const killed = async () => {
  throw new Error('killed');
};
/** A planner that dies when its leases are there, before their last key waits in the log. */
const dyingBeforeLog = (world: World): World =>
  withEnd(world, 'source', () => ({ log: { enqueue: killed } }));
/** One that dies after that, before the ledger hears of its chunks. */
const dyingBeforeLedger = (world: World): World => ({
  ...world,
  control: overriding(world.control, { chunks: overriding(world.control.chunks, { plan: killed }) }),
});

/** Each chunk: its state, and whether it has a lower and an upper bound. */
async function ranges(trial: Trial): Promise<string[]> {
  const leases = await trial.target.sql<{ line: string }>(`
    SELECT concat(CASE WHEN lower IS NULL THEN '(' ELSE '[' || lower[1] END, ',', upper[1], ')') AS line FROM sluice.lease
    WHERE scope LIKE '%/shop.parent/%' AND scope NOT LIKE '%~apply%' ORDER BY upper[1]::int NULLS LAST`);
  const chunks = await trial.chunks();
  return leases.map(({ line }, index) => `${line} ${chunks[index]?.state}`);
}

/** Moves on to the end, with nothing to repair. */
async function assertContinues(trial: Trial): Promise<void> {
  await trial.walk('stop-capture');
  await assertMoved(trial);
  expect(await trial.events()).not.toContain('unequal chunks copied again');
}

test('the range after the last key is closed from the start, and its first row waits in the log', async () => {
  const trial = await captured(FILLED);
  await trial.stage('plan');
  const all = await ranges(trial);
  expect(all.at(0)).toMatch(/^\(,\d+\) planned$/);
  expect(all.at(-1)).toBe('[600,) closed');
  expect(all.filter((line) => line.endsWith('closed'))).toHaveLength(1);
  const [depth] = await trial.world().ends.source.log.depth(trial.of);
  expect(depth).toMatchObject({ table: 'shop.parent', entries: 1 });
  await assertContinues(trial);
});

test.each([
  ['log', dyingBeforeLog],
  ['ledger', dyingBeforeLedger],
])('a plan interrupted before the %s keeps its last key despite later inserts', async (_where, dying) => {
  const trial = await captured(FILLED);
  await expect(trial.stage('plan', dying(trial.world()))).rejects.toThrow('killed');
  await trial.source.sql(
    `INSERT INTO parent SELECT n, 'came since' FROM generate_series(601, 900) AS n`,
    'app',
  );
  await trial.stage('plan');
  expect((await ranges(trial)).at(-1)).toBe('[600,) closed');
  await assertContinues(trial);
});

test('an interrupted plan of an empty table copies rows inserted since', async () => {
  const trial = await captured(EMPTY);
  await expect(trial.stage('plan', dyingBeforeLedger(trial.world()))).rejects.toThrow('killed');
  await trial.source.sql(
    `INSERT INTO parent SELECT n, 'came since' FROM generate_series(1, 300) AS n`,
    'app',
  );
  await trial.stage('plan');
  expect(await ranges(trial)).toEqual(['(,) planned']);
  await assertContinues(trial);
});

test.each([
  ['some of the last', 450],
  ['most', 3],
  ['all', 0],
])(
  'rows deleted between the sample and the query for the last key, %s, leave no range with two owners',
  async (_what, kept) => {
    const trial = await captured(FILLED);
    const world = trial.world();
    const overtaken = withEnd(world, 'source', ({ reader }) => ({
      reader: {
        boundaries: async (...sample) => {
          const boundaries = await reader.boundaries(...sample);
          expect(boundaries.keys.length).toBeGreaterThan(3);
          await trial.source.sql(`DELETE FROM parent WHERE id > ${kept}`, 'app');
          return boundaries;
        },
      },
    }));
    await trial.stage('plan', overtaken);
    const all = await ranges(trial);
    if (kept > 0) expect(all.at(-1)).toBe(`[${kept},) closed`);
    const bounds = all.slice(0, -1).map((line) => Number(/,(\d+)\)/.exec(line)![1]));
    expect(bounds).toEqual([...new Set(bounds)].sort((left, right) => left - right));
    await trial.source.sql(
      `INSERT INTO parent SELECT n, 'back' FROM generate_series(100, 700, 50) AS n ON CONFLICT DO NOTHING`,
      'app',
    );
    await assertContinues(trial);
  },
);

test('a late planner takes no chunk from its copiers', async () => {
  const trial = await captured(FILLED);
  await trial.stage('plan');
  await trial.copy(0);
  const before = await trial.chunks();
  const control = overriding(trial.control, {
    recordOrFail: async (name) => ({
      ...(await trial.control.recordOrFail(name)),
      stage: 'start-capture' as const,
    }),
  });
  await trial.stage('plan', { ...trial.world(), control });
  expect(await trial.chunks()).toEqual(before);
  await assertContinues(trial);
});

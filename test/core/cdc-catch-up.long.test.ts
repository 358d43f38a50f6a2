/** When a live migration dares to fence its source: what is compared while both sides live, and what must not be left. */
import { NotCaughtUp } from '../../src/core/errors';
import { scopePrefix } from '../../src/core/ledger';
import { catchUp } from '../../src/core/stages/catch-up';
import { verifyItem } from '../../src/core/verification/verify-item';
import type { Setup } from '../support/trial-definition';
import { startLab, withEnd, type Lab, type Trial } from '../support/world';
import { compareAll } from '../support/walk';
import { assertMoved, isOpen, LIVE, recordOf } from './live-setup';

let lab: Lab;
beforeAll(async () => {
  lab = await startLab();
});
afterEach(() => lab.endTrials());
afterAll(() => lab.stop());

const TABLES = 'CREATE TABLE parent (id int PRIMARY KEY, v text NOT NULL)';
/** Forty chunks: more than a fence has time for. */
const MANY_CHUNKS: Setup = {
  tables: TABLES,
  seed: `INSERT INTO parent SELECT n, 'v' FROM generate_series(1, 4000) AS n; ANALYZE`,
  map: ['parent'],
  definition: LIVE.definition!,
};

/** Ten chunks, for what does not depend on their number. */
const FEW_CHUNKS: Setup = { ...MANY_CHUNKS, seed: MANY_CHUNKS.seed!.replace('4000', '1000') };

const touchAll = (trial: Trial, value: string) =>
  trial.source.sql(`UPDATE parent SET v = '${value}'`, 'app').then(() => drained(trial));

/** Waits until nothing is left to apply. */
async function drained(trial: Trial): Promise<void> {
  for (;;) {
    const depth = await trial.world().ends.source.log.depth(trial.of);
    if (depth.every(({ entries }) => entries === 0)) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function copied(setup: Setup): Promise<Trial> {
  const trial = await lab.trial(setup);
  await trial.begin();
  await trial.walk('backfill');
  return trial;
}

test('touched chunks are compared again up to three times under writes, and then under the fence', async () => {
  const trial = await copied(MANY_CHUNKS);
  const world = trial.world();
  for (const round of [1, 2, 3]) {
    await compareAll(trial, world);
    await touchAll(trial, `round ${round}`);
    expect(await catchUp(trial.context(world))).toMatchObject({ verdict: 'verify' });
    expect((await recordOf(trial)).comparisonRounds).toBe(round);
  }
  await compareAll(trial, world);
  await touchAll(trial, 'the last round');
  expect(await catchUp(trial.context(world))).toMatchObject({ verdict: 'ready' });
  const [last] = await trial.control.journal.last(trial.name, 1);
  const { unsettled } = last!.evidence as { unsettled: number };
  expect(unsettled).toBeGreaterThan(32);
  await trial.walk('stop-capture');
  await assertMoved(trial);
});

test('a few touched chunks do not prevent the fence', async () => {
  const trial = await copied(MANY_CHUNKS);
  await compareAll(trial, trial.world());
  await trial.source.sql(`UPDATE parent SET v = 'touched' WHERE id < 500`, 'app');
  await drained(trial);
  expect(await catchUp(trial.context())).toMatchObject({ verdict: 'ready' });
  expect((await recordOf(trial)).comparisonRounds).toBe(0);
});

test.each([-4, 4])(
  'a clock that is off by %d minutes neither delays it nor hides a missing applier',
  async (minutes) => {
    const trial = await copied(FEW_CHUNKS);
    await compareAll(trial, trial.world());
    await trial.sync().stop();
    const { partitions } = trial.control;
    for (const record of await partitions.list(trial.name, 1)) {
      const id = { ...record, migration: trial.name, generation: 1 };
      const passedAt = new Date(Date.parse(record.passedAt!) - 16_000).toISOString();
      await partitions.passed(id, record.token, { ...record, passedAt });
    }
    let nowMs = Date.now() + minutes * 60_000;
    const clock = { now: () => nowMs, sleep: async (ms: number) => void (nowMs += ms) };
    expect(await catchUp(trial.context({ ...trial.world(), clock }))).toMatchObject({ verdict: 'wait' });
    trial.sync();
    const sleep = (ms: number) => trial.world().clock.sleep(ms);
    expect(await catchUp(trial.context({ ...trial.world(), clock: { ...clock, sleep } }))).toMatchObject({
      verdict: 'ready',
    });
  },
);

test('a touch during the comparison of a chunk makes the chunk unsettled', async () => {
  const trial = await copied(FEW_CHUNKS);
  const world = trial.world();
  let sourceRead = (): void => undefined;
  const bothRead = new Promise<void>((resolve) => (sourceRead = resolve));
  const noting = withEnd(world, 'source', ({ verifier }) => ({
    verifier: { digestFrom: (layout, range) => verifier.digestFrom(layout, range).finally(sourceRead) },
  }));
  const interrupted = withEnd(noting, 'target', ({ verifier }) => ({
    verifier: {
      digestTo: async (layout, range) => {
        const digest = await verifier.digestTo(layout, range);
        await bothRead;
        await trial.source.sql(`UPDATE parent SET v = 'in between' WHERE id = 1`, 'app');
        await drained(trial);
        return digest;
      },
    },
  }));
  const before = await touchesOfFirst(trial);
  await verifyItem(interrupted, trial.item(0));
  const [chunk] = await trial.chunks();
  expect(chunk).toMatchObject({ comparison: 'equal', equalAt: before });
  expect(await touchesOfFirst(trial)).toBeGreaterThan(before);
});

const touchesOfFirst = async (trial: Trial): Promise<number> =>
  (await trial.world().ends.target.verifier.touches(scopePrefix(trial.of, 'target', 'shop.parent'))).get(0) ??
  0;

test('rows that the target refuses keep the source open, are reported, and delay no others', async () => {
  const trial = await copied({
    ...FEW_CHUNKS,
    target: `${TABLES.replace('NOT NULL', "NOT NULL CHECK (v <> 'wrong')")}`,
  });
  await trial.source.sql(`UPDATE parent SET v = 'wrong' WHERE id IN (7, 900)`, 'app');
  await trial.source.sql(`UPDATE parent SET v = 'right' WHERE id = 8`, 'app');
  const failure = await trial.walk('stop-capture').catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(NotCaughtUp);
  expect((failure as Error).message).toMatch(/the target refuses rows of shop\.parent \(2\)/);
  expect(await isOpen(trial.source)).toBe(true);
  expect(await trial.target.sql('SELECT v FROM parent WHERE id = 8')).toEqual([{ v: 'right' }]);
  expect(await trial.problems()).toEqual([
    expect.objectContaining({ table: 'shop.parent', chunk: null, sqlState: '23514' }),
    expect.objectContaining({ table: 'shop.parent', chunk: null, sqlState: '23514' }),
  ]);
  expect((await trial.control.report(trial.name))!.sync).toMatchObject({ refused: 2, partitions: 4 });

  await trial.source.sql(`UPDATE parent SET v = 'corrected' WHERE v = 'wrong'`, 'app');
  await trial.begin('execution-2');
  await trial.walk('stop-capture');
  await assertMoved(trial);
  expect(await trial.problems()).toEqual([]);
}, 180_000);

/** The executions that keep the target in sync, their duration, and the recovery from dead appliers. */
import type { SyncMeasures } from '../../src/core/sync/sync-meter';
import { applyItem } from '../../src/core/sync/apply-item';
import { cancelCutover } from '../../src/core/stages/cancel-cutover';
import { catchUp } from '../../src/core/stages/catch-up';
import { recordFailure } from '../../src/core/execution/record-failure';
import { nextSync } from '../../src/core/sync/next-sync';
import { roundOf } from '../support/sync';
import { startLab, type Lab, type Trial } from '../support/world';
import { assertMoved, LIVE, recordOf, Writer } from './live-setup';

let lab: Lab;
beforeAll(async () => {
  lab = await startLab();
});
afterEach(() => lab.endTrials());
afterAll(() => lab.stop());

const HOUR_MS = 3_600_000;

async function planned(): Promise<Trial> {
  const trial = await lab.trial(LIVE);
  await trial.begin();
  for (const stage of ['preflight', 'prepare', 'start-capture', 'plan'] as const) await trial.stage(stage);
  return trial;
}

const round = (trial: Trial, execution: string, startedBy?: string) =>
  nextSync(trial.world(), roundOf(trial, execution, startedBy));

describe('the role of sync', () => {
  test('belongs to one execution, which can hand it over, and is taken over if that execution ends', async () => {
    const trial = await planned();
    trial.running.add('a');
    expect(await round(trial, 'a')).toMatchObject({ verdict: 'apply' });
    expect(await round(trial, 'b')).toEqual({ verdict: 'over', items: [] });
    expect(await round(trial, 'a')).toMatchObject({ verdict: 'apply' });
    trial.running.add('c');
    expect(await round(trial, 'c', 'a')).toMatchObject({ verdict: 'apply' });
    expect(await round(trial, 'a')).toEqual({ verdict: 'over', items: [] });
    trial.running.delete('c');
    expect(await round(trial, 'd')).toMatchObject({ verdict: 'apply' });
    expect((await trial.events()).filter((event) => event === 'sync taken over')).toHaveLength(3);
  });

  test('is taken over from an ended execution that is still described as running', async () => {
    const trial = await planned();
    expect(await round(trial, 'a')).toMatchObject({ verdict: 'apply' });
    let requests = 0;
    const late = { ...trial.world(), isRunning: async () => (requests += 1) < 4 };
    expect(await nextSync(late, roundOf(trial, 'b'))).toMatchObject({
      verdict: 'apply',
    });
    expect(requests).toBe(4);
  });

  test('assigns every partition to exactly one applier', async () => {
    const trial = await planned();
    const { items } = await round(trial, 'a');
    expect(items.map(({ applier, appliers, execution }) => [applier, appliers, execution])).toEqual([
      [0, 2, 'a'],
      [1, 2, 'a'],
    ]);
    for (const item of items) await applyItem(trial.world(), item, forMs(500));
    const served = (await trial.control.partitions.list(trial.name, 1)).map(({ table, partition, token }) => [
      table,
      partition,
      token,
    ]);
    expect(served).toEqual(
      ['shop.child', 'shop.later', 'shop.never', 'shop.parent'].flatMap((table) =>
        [0, 1, 2, 3].map((partition) => [table, partition, 1]),
      ),
    );
  });

  test('continues while the migration is held, and ends when the migration ends', async () => {
    const trial = await planned();
    await recordFailure(trial.world(), trial.name, 'execution-1', {
      Error: 'VerificationFailed',
      Cause: 'a test',
    });
    expect(await round(trial, 'a')).toMatchObject({ verdict: 'apply' });
    await trial.abort();
    expect(await round(trial, 'a')).toEqual({ verdict: 'over', items: [] });
    expect((await recordOf(trial)).captureLost).toBeNull();
  });
});

describe('an applier', () => {
  test('stops before its timeout, and does not take work of another execution', async () => {
    const trial = await planned();
    const { items } = await round(trial, 'a');
    await expect(applyItem(trial.world(), items[0]!, () => 60_000)).resolves.toEqual({
      applied: expect.any(Number) as number,
    });
    await round(trial, 'b', 'a');
    await expect(applyItem(trial.world(), items[0]!, () => HOUR_MS)).resolves.toEqual({ applied: 0 });
  });

  test('ends immediately when another execution takes over', async () => {
    const trial = await planned();
    const first = trial.sync(undefined, 'sync-a');
    await until(async () => (await recordOf(trial)).sync === 'sync-a');
    trial.running.delete('sync-a');
    const second = trial.sync(undefined, 'sync-b');
    await first.over();
    await trial.source.sql(`UPDATE parent SET v = 'by the second' WHERE id = 400`, 'app');
    await trial.walk('stop-capture');
    await second.over();
    expect(second.applied).toBeGreaterThan(0);
    await assertMoved(trial);
  });

  test('is claimed again when an unused claim fences it out', async () => {
    const trial = await planned();
    const [item] = (await round(trial, 'a')).items;
    const partition = { migration: trial.name, generation: 1, table: 'shop.parent', partition: 0 };
    const token = async () =>
      (await trial.control.partitions.list(trial.name, 1)).find(
        (record) => record.table === partition.table && record.partition === partition.partition,
      )?.token;
    const applying = applyItem(trial.world(), item!, forMs(60_000));
    const ended = applying.then(
      () => 'as if it had done its work',
      (error: Error) => error.name,
    );
    await until(async () => (await token()) === 1);
    // The request for the claim, executed a second time.
    await trial.control.partitions.claim(partition);
    expect(await ended).toBe('TransientFailure');
    await applyItem(trial.world(), item!, forMs(500));
    expect(await token()).toBe(3);
  });

  test('publishes its lag, its applied rows and its backlog', async () => {
    const trial = await planned();
    await trial.copyAll();
    const { items } = await round(trial, 'a');
    const measures: SyncMeasures[] = [];
    const applying = items.map((item) =>
      applyItem(
        trial.world(),
        item,
        () => (measures.length > 3 ? 0 : HOUR_MS),
        (measured) => measures.push(measured),
      ),
    );
    const writer = new Writer(trial.source, 10);
    await Promise.all(applying);
    await writer.stop();
    for (const { lagMs, pending, applied, retries } of measures) {
      expect([lagMs, pending, applied, retries].every((value) => value >= 0)).toBe(true);
      expect(lagMs).toBeLessThan(30_000);
    }
    const counted = measures.reduce((sum, { applied }) => sum + applied, 0);
    expect(counted).toBeGreaterThan(0);
    expect((await trial.control.report(trial.name))!.sync!.applied).toBe(counted);
  });
});

test('appliers pause between the verdict and the flip, and resume after a cancelled fence', async () => {
  const trial = await planned();
  await trial.walk('seal');
  const openLeases = async () =>
    Number(
      (await trial.target.sql<{ n: string }>('SELECT count(*) AS n FROM sluice.lease WHERE open'))[0]!.n,
    );
  expect(await openLeases()).toBe(0);
  expect(await round(trial, trial.sync().execution)).toEqual({ verdict: 'idle', items: [] });
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(await openLeases()).toBe(0);

  await cancelCutover(trial.context());
  await until(async () => (await openLeases()) === 16);
  await trial.source.sql(`UPDATE parent SET v = 'after the cancelled fence'`, 'app');
  await trial.walk('stop-capture');
  await trial.sync().over();
  expect(await openLeases()).toBe(0);
  await assertMoved(trial);
});

describe('appliers that are killed', () => {
  test('all at once are detected, and the source is not fenced while no applier runs', async () => {
    const trial = await planned();
    await trial.sync().stop();
    await trial.copyAll();
    const world = trial.world();
    let waited = 0;
    // Two minutes pass with each check.
    const clock = { ...world.clock, now: () => Date.now() + (waited += 120_000) };
    const late = { ...world, clock };
    const querying = async () => {
      for (;;) expect(await catchUp(trial.context(late))).toMatchObject({ verdict: 'wait' });
    };
    await expect(querying()).rejects.toThrow(
      /no applier has passed over some partitions of .* for at least 10 minutes/,
    );
    expect((await recordOf(trial)).writes).toBe('source');
  });
});

/** Returns a function that reports an hour of remaining time for `ms` milliseconds, then none. */
function forMs(ms: number): () => number {
  const endsMs = Date.now() + ms;
  return () => (Date.now() < endsMs ? HOUR_MS : 0);
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 20));
}

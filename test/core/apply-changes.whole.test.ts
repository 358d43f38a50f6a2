/** Changes of the source arrive in the target, each once and none too early. */
import { startLab, type Lab } from '../support/world';
import type { Writer } from '../../src/core/ports';
import { ApplyScene, PLAIN, UNIQUE } from './apply-scene';
import { atCall } from './one-chunk';

let lab: Lab;
beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => lab.stop());

const EVERYTHING = `INSERT INTO t SELECT n, 'new' FROM generate_series(2000, 2300) AS n;
  UPDATE t SET v = 'changed' WHERE id % 3 = 0; DELETE FROM t WHERE id % 7 = 0; UPDATE t SET id = id + 5000 WHERE id % 50 = 1`;

describe('changes', () => {
  test('of every kind are applied, removed from the log, and reported', async () => {
    const scene = await ApplyScene.copied(lab);
    await scene.change(EVERYTHING);
    const outcomes = await scene.apply();
    await scene.assertEqual();
    expect(await scene.dirty()).toBe(0);
    const applied = outcomes.reduce((sum, outcome) => sum + outcome.applied, 0);
    expect(applied).toBeGreaterThan(700);
    const records = await scene.records();
    expect(records.reduce((sum, record) => sum + record.applied, 0)).toBe(applied);
    for (const record of records)
      expect(record).toMatchObject({ token: 1, lagMs: 0, pending: 0, retries: 0, refused: 0 });
  });

  test('of unclaimed chunks are dropped, and those of an open chunk wait', async () => {
    const scene = await ApplyScene.start(lab, PLAIN);
    await scene.openChunk(1);
    const { first, last } = await scene.keysOf(1);
    await scene.change(`UPDATE t SET v = 'before any claim'`);
    await scene.apply({ passes: 2 });
    const waiting = last - first + 1;
    expect(await scene.dirty()).toBe(waiting);
    expect((await scene.records()).reduce((sum, { pending }) => sum + pending, 0)).toBe(waiting);
    // They wait for their copier: that is not the appliers being late.
    expect((await scene.records()).map(({ lagMs }) => lagMs)).toEqual([0, 0, 0, 0]);
    // Appliers own the keys after the last key found by the plan, from the start.
    expect((await scene.rows()).target).toEqual([`(1000,"before any claim")`]);
    await scene.trial.copyAll();
    await scene.apply();
    await scene.assertEqual();
    expect(await scene.dirty()).toBe(0);
  });

  test('that are committed late, with a smaller id than others, are found', async () => {
    const scene = await ApplyScene.copied(lab);
    const late = await scene.trial.source.session('app');
    await late.query(`BEGIN; UPDATE t SET v = 'late' WHERE id = 500`);
    await scene.change(`UPDATE t SET v = 'soon' WHERE id <> 500`);
    await scene.apply({ passes: 2 });
    await late.query('COMMIT');
    expect(await scene.dirty()).toBe(1);
    await scene.apply({ passes: 2 });
    await scene.assertEqual();
  });

  test('of a hot row are one write', async () => {
    const scene = await ApplyScene.copied(lab);
    for (let n = 0; n < 50; n += 1) await scene.change(`UPDATE t SET v = 'n${n}' WHERE id = 5`);
    const outcomes = await scene.apply();
    // The other is the last key of the plan.
    expect(outcomes.reduce((sum, { applied }) => sum + applied, 0)).toBe(2);
    await scene.assertEqual();
    expect(await scene.dirty()).toBe(0);
  });

  test('made between reading and writing a row keep their entries', async () => {
    const scene = await ApplyScene.copied(lab, UNIQUE);
    await scene.change(`UPDATE t SET v = 'read' || id WHERE id <= 3`);
    const world = scene.withLog((log) => ({
      readDirty: atCall(1, log.readDirty.bind(log), async (run) => {
        const page = await run();
        await scene.change(
          `UPDATE t SET v = 'newer' || id WHERE id <= 3; UPDATE t SET v = 'another' WHERE id = 400`,
        );
        return page;
      }),
    }));
    await scene.serve(0, { world, passes: 1 });
    expect(await scene.dirty()).toBe(4);
    await scene.apply({ passes: 2 });
    await scene.assertEqual();
    expect(await scene.dirty()).toBe(0);
  });
});

test('when a successor takes over a partition, its predecessor ends without an error', async () => {
  const scene = await ApplyScene.copied(lab);
  const first = scene.serve(0, { stop: () => false });
  await new Promise((resolve) => setTimeout(resolve, 200));
  await scene.serve(0, { passes: 1 });
  await scene.change(`UPDATE t SET v = 'changed'`);
  expect(await first).toMatchObject({ fencedOut: true });
  await scene.apply();
  await scene.assertEqual();
});

test('late writes of the predecessor change nothing', async () => {
  const scene = await ApplyScene.copied(lab, UNIQUE);
  await scene.change(`UPDATE t SET v = 'old' WHERE id = 1`);
  const world = scene.withWriter((writer) => ({
    applyRows: atCall(1, writer.applyRows.bind(writer), async (run) => {
      await scene.serve(0, { passes: 1 });
      await scene.change(`UPDATE t SET v = 'new' WHERE id = 1`);
      await scene.serve(0, { passes: 1 });
      return run();
    }),
  }));
  expect(await scene.serve(0, { world })).toEqual({ applied: 0, fencedOut: true });
  await scene.assertEqual();
});

test('a worker that is stopped finishes its current page', async () => {
  const scene = await ApplyScene.copied(lab, UNIQUE);
  await scene.change(`UPDATE t SET v = 'changed' || id`);
  const before = await scene.dirty();
  let pages = 0;
  const counting = (writer: Writer): Partial<Writer> => ({
    applyRows: async (...args) => {
      pages += 1;
      return writer.applyRows(...args);
    },
  });
  const world = scene.withWriter(counting, scene.inPagesOf(10));
  expect(await scene.serve(0, { world, stop: () => pages === 2 })).toEqual({ applied: 20, fencedOut: false });
  expect(pages).toBe(2);
  expect(await scene.dirty()).toBe(before - 20);
  await scene.apply();
  await scene.assertEqual();
});

test('a key without a lease in the plan ends the worker', async () => {
  const scene = await ApplyScene.copied(lab);
  await scene.trial.target.sql(`DELETE FROM sluice.lease WHERE starts_with(scope, '${scene.prefix}')`);
  await scene.change(`UPDATE t SET v = 'changed'`);
  const before = await scene.dirty();
  await expect(scene.serve(0)).rejects.toMatchObject({ sqlState: 'SL005' });
  expect(await scene.dirty()).toBe(before);
});

test('a row read before its entries would lose changes made in between, so both are read together', async () => {
  const apart = await ApplyScene.copied(lab);
  const meanwhile = () => apart.change(`UPDATE t SET v = 'second' WHERE id = 5`);
  const world = apart.withLog((log) => ({
    readDirty: atCall(1, log.readDirty.bind(log), async (run) => {
      const before = await run();
      await meanwhile();
      const after = await run();
      const rowOf = (key: string) => before.rows.find((row) => row.key === key);
      return { ...after, rows: after.rows.map((row) => ({ ...row, row: rowOf(row.key)?.row ?? row.row })) };
    }),
  }));
  await apart.change(`UPDATE t SET v = 'first' WHERE id = 5`);
  await apart.apply({ world });
  expect(await apart.dirty()).toBe(0);
  expect((await apart.rows()).target).toContain('(5,first)');

  const together = await ApplyScene.copied(lab);
  const plain = together.withLog((log) => ({
    readDirty: atCall(1, log.readDirty.bind(log), async (run) => {
      const page = await run();
      await together.change(`UPDATE t SET v = 'second' WHERE id = 5`);
      return page;
    }),
  }));
  await together.change(`UPDATE t SET v = 'first' WHERE id = 5`);
  await together.apply({ world: plain });
  await together.assertEqual();
});

/** Rows that the target refuses: they delay no other row, are reported, and are retried until they are accepted. */
import { startLab, type Lab } from '../support/world';
import type { Writer } from '../../src/core/ports';
import { ApplyScene, PLAIN, UNIQUE } from './apply-scene';

let lab: Lab;
beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => lab.stop());

describe('a row that the target refuses', () => {
  const CHECKED = {
    ...PLAIN,
    target: `CREATE TABLE t (id int PRIMARY KEY, v text CONSTRAINT polite CHECK (v NOT LIKE 'rude%'))`,
  };

  test('delays no other row, is reported after three attempts, and is cleared once corrected', async () => {
    const scene = await ApplyScene.copied(lab, CHECKED);
    await scene.change(`UPDATE t SET v = 'rude secret' WHERE id = 7; UPDATE t SET v = 'kind' WHERE id <> 7`);
    await scene.apply({ passes: 2 });
    expect(await scene.trial.problems()).toEqual([]);
    expect(await scene.dirty()).toBe(1);
    await scene.apply({ passes: 3 });
    expect(await scene.trial.problems()).toEqual([
      {
        table: 'shop.t',
        chunk: null,
        hashedKey: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
        sqlState: '23514',
        constraint: 'polite',
      },
    ]);
    expect((await scene.records()).map(({ refused }) => refused).sort()).toEqual([0, 0, 0, 1]);
    expect(await scene.dirty()).toBe(1);
    expect((await scene.rows()).target.filter((row) => row.includes('kind'))).toHaveLength(999);
    expect(await scene.trial.everyItem()).not.toMatch(/secret|rude/);
    await scene.change(`UPDATE t SET v = 'sorry' WHERE id = 7`);
    await scene.apply({ passes: 2 });
    expect(await scene.trial.problems()).toEqual([]);
    expect((await scene.records()).map(({ refused }) => refused)).toEqual([0, 0, 0, 0]);
    await scene.assertEqual();
    expect(await scene.dirty()).toBe(0);
  });

  test('is reported by a successor until the successor has applied it', async () => {
    const scene = await ApplyScene.copied(lab, CHECKED);
    await scene.change(`UPDATE t SET v = 'rude' WHERE id = 7`);
    await scene.apply({ passes: 3 });
    expect(await scene.trial.problems()).toHaveLength(1);
    await scene.apply({ passes: 2 });
    expect(await scene.trial.problems()).toHaveLength(1);
  });

  test('is retried at intervals', async () => {
    const scene = await ApplyScene.copied(lab, CHECKED);
    await scene.change(`UPDATE t SET v = 'rude' WHERE id <= 4`);
    let calls = 0;
    const world = scene.withWriter((writer) => ({
      applyEach: async (...of) => {
        calls += 1;
        return writer.applyEach(...of);
      },
    }));
    await scene.apply({ world, passes: 25 });
    expect(calls).toBeLessThan(4 * 8);
    await scene.trial.target.sql('ALTER TABLE t DROP CONSTRAINT polite');
    await scene.apply({ passes: 3 });
    await scene.assertEqual();
  });
});

describe('unique values are exchanged', () => {
  const swap = (a: number, b: number) =>
    `UPDATE t SET v = 'x' WHERE id = ${a}; UPDATE t SET v = 'v${a}' WHERE id = ${b}; UPDATE t SET v = 'v${b}' WHERE id = ${a}`;

  test('between rows of one page, in one partition', async () => {
    const scene = await ApplyScene.copied(lab, UNIQUE);
    expect(scene.layout.partitions).toBe(1);
    await scene.change(swap(1, 2));
    await scene.apply({ passes: 1 });
    await scene.assertEqual();
    expect(await scene.dirty()).toBe(0);
  });

  test('around a cycle whose rows are on many pages', async () => {
    const scene = await ApplyScene.copied(lab, UNIQUE);
    await scene.change(`CREATE TEMP TABLE before ON COMMIT DROP AS SELECT * FROM t; UPDATE t SET v = 'between' || id WHERE id <= 30;
      UPDATE t SET v = b.v FROM before AS b WHERE t.id <= 30 AND b.id = t.id % 30 + 1`);
    await scene.apply({ world: scene.inPagesOf(2), passes: 3 });
    await scene.assertEqual();
    expect(await scene.dirty()).toBe(0);
    expect(await scene.records()).toMatchObject([{ pending: 0, refused: 0 }]);
  });

  test('along a chain of all rows, in any order', async () => {
    const scene = await ApplyScene.copied(lab, { ...PLAIN, target: UNIQUE.tables });
    await scene.change(`UPDATE t SET v = 'v' || id + 1`);
    await scene.apply({ passes: 2 });
    await scene.assertEqual();
    expect(await scene.dirty()).toBe(0);
    expect(await scene.trial.problems()).toEqual([]);
  });

  test('around a cycle that changes while it is applied, and the newest values remain', async () => {
    const scene = await ApplyScene.copied(lab, UNIQUE);
    await scene.change(swap(1, 2));
    const world = scene.inPagesOf(1);
    const before: string[] = [];
    const watching = (writer: Writer): Partial<Writer> => ({
      applyEach: async (...args) => {
        const changes = args[3];
        if (changes.length > 1) before.push((await scene.rows()).target[0]!);
        const verdicts = await writer.applyEach(...args);
        if (changes.some(({ key }) => key === '{2}') && before.length === 0)
          await scene.change(`UPDATE t SET v = 'newest' WHERE id = 1`);
        return verdicts;
      },
    });
    await scene.apply({ world: scene.withWriter(watching, world), passes: 1 });
    // All of them in one call, after the newest was written.
    expect(before).toEqual(['(1,newest)']);
    expect(await scene.dirty()).toBeGreaterThan(0);
    await scene.apply({ passes: 2 });
    await scene.assertEqual();
    expect(await scene.dirty()).toBe(0);
  });

  test('between a row refused for long and one whose chunk was being copied', async () => {
    const scene = await ApplyScene.copied(lab, UNIQUE);
    const close = await scene.openChunk(1);
    const { first } = await scene.keysOf(1);
    await scene.change(swap(1, first));
    let passes = 0;
    const world = scene.withLog((log) => ({
      readDirty: async (...of) => {
        passes += 1;
        if (passes === 6) await close();
        return log.readDirty(...of);
      },
    }));
    await scene.serve(0, { world, passes: 60 });
    await scene.assertEqual();
    expect(await scene.dirty()).toBe(0);
    expect(await scene.trial.problems()).toEqual([]);
  });
});

/** Changed rows that are too large for a page. */
import { startLab, type Lab } from '../support/world';
import { ApplyScene, PLAIN } from './apply-scene';
import { atCall } from './one-chunk';

let lab: Lab;
beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => lab.stop());

/** SQL of a text of so many bytes. */
const large = (bytes: number, what: string) => `repeat(md5('${what}'), ${Math.ceil(bytes / 32)})`;

describe('large rows', () => {
  test('arrive in slices, together with small ones', async () => {
    const scene = await ApplyScene.copied(lab);
    await scene.change(
      `UPDATE t SET v = ${large(2_000_000, 'a')} WHERE id = 1; UPDATE t SET v = 'small' WHERE id = 2;
       INSERT INTO t VALUES (3000, ${large(70_000, 'b')}), (3001, 'small')`,
    );
    await scene.apply();
    await scene.assertEqual();
    expect(await scene.trial.target.count('sluice.slice')).toBe(0);
    await scene.change(`UPDATE t SET v = 'small again' WHERE id = 1; DELETE FROM t WHERE id = 3000`);
    await scene.apply();
    await scene.assertEqual();
    expect(await scene.dirty()).toBe(0);
  });

  test('of an open chunk are not read', async () => {
    const scene = await ApplyScene.start(lab, PLAIN);
    await scene.openChunk(0);
    await scene.change(`UPDATE t SET v = ${large(100_000, 'a')} WHERE id = 1`);
    const world = scene.withReader(() => ({ readSlices: () => Promise.reject(new Error('not to be read')) }));
    await scene.apply({ world, passes: 2 });
    expect(await scene.dirty()).toBe(1);
  });

  test('that are deleted while they are read are deleted in the target', async () => {
    const scene = await ApplyScene.copied(lab);
    await scene.change(`UPDATE t SET v = ${large(100_000, 'a')} WHERE id = 1`);
    const world = scene.withReader((reader) => ({
      readSlices: atCall(2, reader.readSlices.bind(reader), async (run) => {
        await scene.change('DELETE FROM t WHERE id = 1');
        return run();
      }),
    }));
    await scene.apply({ world });
    await scene.assertEqual();
    expect(await scene.dirty()).toBe(0);
  });

  test('that change while they are read end up equal', async () => {
    const scene = await ApplyScene.copied(lab, {
      tables: 'CREATE TABLE t (id int PRIMARY KEY, v text, w text)',
      seed: `INSERT INTO t VALUES (1, 'v', 'w'), (2, 'v', 'w')`,
    });
    const both = (what: string) =>
      `UPDATE t SET v = ${large(100_000, what)}, w = ${large(100_000, what)} WHERE id = 1`;
    await scene.change(both('a'));
    const world = scene.withReader((reader) => ({
      readSlices: atCall(3, reader.readSlices.bind(reader), async (run) => {
        await scene.change(both('b'));
        return run();
      }),
    }));
    await scene.apply({ world });
    await scene.assertEqual();
    expect(await scene.dirty()).toBe(0);
  });

  test('that the target refuses are reported, and leave no slices', async () => {
    const scene = await ApplyScene.copied(lab, {
      ...PLAIN,
      target: 'CREATE TABLE t (id int PRIMARY KEY, v text CHECK (length(v) < 90000))',
    });
    await scene.change(
      `UPDATE t SET v = ${large(100_000, 'a')} WHERE id = 1; UPDATE t SET v = ${large(70_000, 'b')} WHERE id = 2`,
    );
    await scene.apply({ passes: 3 });
    expect(await scene.trial.problems()).toMatchObject([{ sqlState: '23514' }]);
    expect(await scene.trial.target.count('sluice.slice')).toBe(0);
    expect((await scene.rows()).target.filter((row) => row.length > 60_000)).toHaveLength(1);
    expect(await scene.dirty()).toBe(1);
  });

  describe('that exchange unique values end up equal', () => {
    const swap = (ids: readonly number[]) =>
      `UPDATE t SET mail = 'of ' || mail; ` +
      ids.map((id, n) => `UPDATE t SET mail = 'm${ids[(n + 1) % ids.length]}' WHERE id = ${id};`).join(' ');

    test.each([
      ['with a small row', [1, 2], [1]],
      ['with another large row', [1, 2], [1, 2]],
      ['around a cycle of small and large rows', [3, 1, 4, 2, 5], [1, 2, 5]],
    ])('%s', async (_whose, cycle, largeIds) => {
      const scene = await ApplyScene.copied(lab, {
        tables: 'CREATE TABLE t (id int PRIMARY KEY, mail text NOT NULL UNIQUE, v text)',
        seed: `INSERT INTO t SELECT n, 'm' || n, CASE WHEN n IN (${largeIds.join()}) THEN ${large(70_000, 'a')} END
          FROM generate_series(1, 5) AS n`,
      });
      await scene.change(swap(cycle));
      await scene.apply({ passes: 30 });
      await scene.assertEqual();
      expect(await scene.dirty()).toBe(0);
      expect(await scene.trial.problems()).toEqual([]);
    });
  });
});

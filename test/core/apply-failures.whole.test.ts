/** Lost responses and unreachable databases: changes are applied in spite of any failure. */
import { OutcomeUnknown } from '../../src/adapters/postgres/statement-refused';
import { TransientFailure } from '../../src/core/errors';
import { startLab, type Lab } from '../support/world';
import { ApplyScene, UNIQUE } from './apply-scene';
import { atCall } from './one-chunk';

let lab: Lab;
beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => lab.stop());

const CHANGE = `UPDATE t SET v = 'changed' WHERE id <= 20; DELETE FROM t WHERE id = 21`;
const lost = () => new OutcomeUnknown('the test drops the response');

describe('a lost response', () => {
  test('after a completed write deletes no entries, and the next pass settles it', async () => {
    const scene = await ApplyScene.copied(lab, UNIQUE);
    await scene.change(`UPDATE t SET v = 'changed' || id WHERE id <= 20`);
    const before = await scene.dirty();
    const world = scene.withWriter((writer) => ({
      applyRows: atCall(1, writer.applyRows.bind(writer), async (run) => {
        await run();
        throw lost();
      }),
    }));
    const once = await scene.serve(0, { world, passes: 1 });
    expect(once.applied).toBe(0);
    expect(await scene.dirty()).toBe(before);
    expect(await scene.records()).toMatchObject([{ token: 1, pending: 21, applied: 0, retries: 1 }]);
    await scene.assertEqual();
    await scene.serve(0);
    expect(await scene.dirty()).toBe(0);
    await scene.assertEqual();
  });

  test('before the write is sent again', async () => {
    const scene = await ApplyScene.copied(lab);
    await scene.change(CHANGE);
    let calls = 0;
    const world = scene.withWriter((writer) => ({
      applyRows: async (...of) => {
        calls += 1;
        if (calls === 1) throw lost();
        return writer.applyRows(...of);
      },
    }));
    await scene.apply({ world });
    await scene.assertEqual();
    expect(await scene.dirty()).toBe(0);
    expect((await scene.records()).reduce((sum, { retries }) => sum + retries, 0)).toBe(1);
  });

  test('whose request arrives after newer data, under the same claim, changes nothing', async () => {
    const scene = await ApplyScene.copied(lab, UNIQUE);
    await scene.change(`UPDATE t SET v = 'old' WHERE id = 1`);
    const verdicts: unknown[] = [];
    let late: () => Promise<unknown> = () => Promise.reject(new Error('not to be sent'));
    const world = scene.withWriter((writer) => ({
      applyRows: async (...of) => {
        verdicts.push(null);
        if (verdicts.length === 1) {
          late = () => writer.applyRows(...of);
          throw lost();
        }
        const result = await writer.applyRows(...of);
        if (verdicts.length === 2) await scene.change(`UPDATE t SET v = 'new' WHERE id = 1`);
        if (verdicts.length === 3) verdicts.push(await late());
        return result;
      },
    }));
    await scene.apply({ world, passes: 4 });
    expect(verdicts).toEqual([null, null, null, null]);
    await scene.assertEqual();
    expect(await scene.records()).toMatchObject([{ token: 1, retries: 1 }]);
  });

  test.each(['readDirty', 'forget', 'dirtyPartitions'] as const)('of %s is survived', async (method) => {
    const scene = await ApplyScene.copied(lab);
    await scene.change(CHANGE);
    let calls = 0;
    const world = scene.withLog((log) => ({
      [method]: async (...of: never[]) => {
        calls += 1;
        const result: unknown = await (log[method] as (...args: never[]) => Promise<unknown>)(...of);
        if (calls <= 3) throw lost();
        return result;
      },
    }));
    await scene.apply({ world });
    await scene.assertEqual();
    expect(await scene.dirty()).toBe(0);
  });
});

test('the applier survives a database that is unreachable for a while, under a new claim', async () => {
  const scene = await ApplyScene.copied(lab, UNIQUE);
  await scene.change(`UPDATE t SET v = 'changed' || id`);
  let failures = 12;
  const world = scene.trial.world(async (call) => {
    if (call.side === 'target' && failures > 0 && /change|lease/.test(call.sql)) {
      failures -= 1;
      throw new TransientFailure('a test breaks the connection');
    }
    return call.run();
  });
  const { applied, fencedOut } = await scene.serve(0, { world });
  expect(fencedOut).toBe(false);
  await scene.assertEqual();
  expect(await scene.dirty()).toBe(0);
  expect(await scene.records()).toMatchObject([{ pending: 0, applied }]);
  expect((await scene.records())[0]!.token).toBeGreaterThan(1);
});

/** A row that a copier leaves out because another one is in its place is the applier's, whatever became of its entries. */
import type { World } from '../../src/core/world';
import { startLab, withEnd, type Lab } from '../support/world';
import { ApplyScene, UNIQUE } from './apply-scene';

let lab: Lab;
beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => lab.stop());

/** The row's value was another's when that one was copied; its own entry was dropped before its chunk was claimed. */
async function skip(scene: ApplyScene, world?: World): Promise<void> {
  await scene.trial.copy(0);
  await scene.change(`UPDATE t SET v = 'passed on' WHERE id = 1; UPDATE t SET v = 'v1' WHERE id = 900`);
  await scene.trial.source.sql(`DELETE FROM sluice.change_log WHERE key = '{900}'`);
  for (const { chunk, state } of await scene.trial.chunks())
    if (state !== 'closed') await scene.trial.copy(chunk, world);
}

test('it is dirty before its chunk is closed, and ends up equal', async () => {
  const scene = await ApplyScene.start(lab, UNIQUE);
  await skip(scene);
  expect(await scene.trial.source.sql(`SELECT FROM sluice.change_log WHERE key = '{900}'`)).toHaveLength(1);
  await scene.apply({ passes: 10 });
  await scene.assertEqual();
  expect(await scene.trial.problems()).toEqual([]);
});

test('it would be lost without the dirty entry', async () => {
  const scene = await ApplyScene.start(lab, UNIQUE);
  const world = scene.trial.world();
  const forgetful = withEnd(world, 'target', () => ({ leases: { readSkipped: async () => [] } }));
  await skip(scene, forgetful);
  await scene.apply({ passes: 10 });
  expect((await scene.rows()).target).not.toContain('(900,v1)');
  expect(await scene.dirty()).toBe(0);
});

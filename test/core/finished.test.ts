/** Calls that must not affect a finished migration. */
import { WrongState } from '../../src/core/errors';
import { startLab, type Lab } from '../support/world';

let lab: Lab;
beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => lab.stop());

test('an uninstall never empties the tables of a finished migration', async () => {
  const trial = await lab.trial({
    tables: 'CREATE TABLE t (id int PRIMARY KEY, v text)',
    seed: "INSERT INTO t VALUES (1, 'one'), (2, 'two')",
  });
  await trial.begin();
  await trial.walk('open');
  const world = trial.world();

  await expect(world.ends.target.installer.uninstall(await trial.authority())).rejects.toBeInstanceOf(
    WrongState,
  );

  const { source, target } = await trial.contents();
  expect(target).toEqual([expect.stringContaining('2 rows')]);
  expect(target).toEqual(source);
});

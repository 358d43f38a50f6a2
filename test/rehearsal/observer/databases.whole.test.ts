/** The observer reads the guards and leases of one control plane, whatever others have in the same database. */
import { DatabaseReader } from '../../../src/rehearsal/observer/databases';
import { startLab, type Lab, type Trial } from '../../support/world';

let lab: Lab;
beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => lab.stop());

const readerOf = (trial: Trial) => new DatabaseReader(trial.target.url, trial.name, 'target', ['shop.t']);

test('a guard and a lease of another control plane are not those of the migration', async () => {
  const trial = await lab.trial({ tables: 'CREATE TABLE t (id int PRIMARY KEY, v text)' });
  await trial.begin();
  await trial.walk('plan');
  const owner = await trial.control.owner();
  const reader = readerOf(trial);
  const before = await reader.read(owner);
  expect(before.guard).toMatchObject({ state: 'dark' });
  expect(before.leases.length).toBeGreaterThan(0);
  await trial.target.sql(
    `INSERT INTO sluice.guard (owner, migration, side, generation, epoch, state)
       VALUES ('other', '${trial.name}', 'target', 9, 999, 'open');
     INSERT INTO sluice.lease (scope, token, open) VALUES ('other/${trial.name}/target/9/t/0', 9, true)`,
  );
  expect(await reader.read(owner)).toEqual(before);
  expect((await reader.read('other')).guard).toEqual({ state: 'open', epoch: 999 });
  expect(await reader.read(null)).toMatchObject({ guard: null, leases: [] });
  await reader.close();
});

test('a table that another control plane guards counts as unguarded', async () => {
  const trial = await lab.trial({ tables: 'CREATE TABLE t (id int PRIMARY KEY, v text)' });
  await trial.begin();
  await trial.walk('seal');
  const reader = new DatabaseReader(trial.source.url, trial.name, 'source', ['shop.t']);
  const owner = await trial.control.owner();
  expect((await reader.read(owner)).unguarded).toEqual([]);
  expect((await reader.read('other')).unguarded).toEqual(['shop.t']);
  await reader.close();
});

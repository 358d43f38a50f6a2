/** Two migrations never guard the same relation, even if it became a partition after it was guarded. */
import { preflight } from '../../src/core/stages/preflight';
import { startLab, type Lab, type Setup } from '../support/world';

let lab: Lab;
beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => lab.stop());

const SETUP: Setup = {
  tables: `CREATE TABLE leaf (id int PRIMARY KEY);
    CREATE TABLE root (id int PRIMARY KEY) PARTITION BY RANGE (id)`,
  map: ['leaf'],
};
test('a table that became the partition of another one keeps the only guard', async () => {
  const first = await lab.trial(SETUP);
  await first.begin();
  await first.walk('prepare');
  for (const side of [first.source, first.target])
    await side.sql('ALTER TABLE root ATTACH PARTITION leaf FOR VALUES FROM (0) TO (1000)');
  const before = await first.source.schema();
  const second = lab.trialOn(first.source, first.target, { map: ['root'] });
  await second.begin();
  await expect(preflight(second.context())).rejects.toThrow(`migration ${first.name} guards it`);
  const { installer } = second.world().ends.source;
  const register = installer.register(
    await second.authority(),
    [{ schema: 'shop', name: 'root' }],
    'sluice_worker',
  );
  await expect(register).rejects.toThrow(/tables are guarded: shop.leaf by control plane/);
  expect(await first.source.schema()).toEqual(before);
});

/** A fence is void, and a dark side is reported, if its partitions were changed so that rows came or went; empty ones may come. */
import { FenceExpired } from '../../src/core/errors';
import { startLab, type Lab, type Trial } from '../support/world';

let lab: Lab;
let trial: Trial;
let epoch = 50;
beforeAll(async () => {
  lab = await startLab();
  trial = await lab.trial({
    tables: `CREATE TABLE p (id int PRIMARY KEY) PARTITION BY RANGE (id);
      CREATE TABLE p_1 PARTITION OF p FOR VALUES FROM (0) TO (10);
      CREATE TABLE p_2 PARTITION OF p FOR VALUES FROM (10) TO (20) PARTITION BY RANGE (id);
      CREATE TABLE p_2_1 PARTITION OF p_2 FOR VALUES FROM (10) TO (15);
      CREATE TABLE empty (id int PRIMARY KEY); CREATE TABLE filled (id int PRIMARY KEY); INSERT INTO filled VALUES (16);
      CREATE TABLE branch (id int PRIMARY KEY) PARTITION BY RANGE (id);
      CREATE TABLE twig PARTITION OF branch FOR VALUES FROM (40) TO (50); INSERT INTO twig VALUES (41)`,
    map: ['p'],
  });
  await trial.begin();
  await trial.walk('prepare');
});
afterAll(() => lab.stop());

const guard = (side: 'source' | 'target') => trial.world().ends[side].guard;
const authority = () => trial.authority((epoch += 1));
async function changed(side: 'source' | 'target', statements: string): Promise<string[]> {
  await trial[side].sql(statements, 'app_owner');
  return [...(await guard(side).guardChanges({ owner: trial.of.owner, migration: trial.name }))];
}

const EMPTY = [
  'CREATE TABLE p_3 PARTITION OF p FOR VALUES FROM (20) TO (30)',
  'CREATE TABLE p_4 PARTITION OF p FOR VALUES FROM (30) TO (40) PARTITION BY RANGE (id); CREATE TABLE p_4_1 PARTITION OF p_4 DEFAULT',
  'ALTER TABLE p_2 ATTACH PARTITION empty FOR VALUES FROM (17) TO (20)',
];
const CHANGES: readonly [string, string, string][] = [
  [
    'ALTER TABLE p_2 ATTACH PARTITION filled FOR VALUES FROM (15) TO (17)',
    'partition shop.filled was attached with rows',
    'ALTER TABLE p_2 DETACH PARTITION filled',
  ],
  [
    'ALTER TABLE p ATTACH PARTITION branch FOR VALUES FROM (40) TO (50)',
    'partition shop.twig was attached with rows',
    'ALTER TABLE p DETACH PARTITION branch',
  ],
  [
    'ALTER TABLE p DETACH PARTITION p_1; ALTER TABLE p ATTACH PARTITION p_1 FOR VALUES FROM (0) TO (10)',
    'a partition of shop.p was detached or dropped',
    '',
  ],
  [
    'ALTER TABLE p DETACH PARTITION p_1',
    'a partition of shop.p was detached or dropped',
    'ALTER TABLE p ATTACH PARTITION p_1 FOR VALUES FROM (0) TO (10)',
  ],
  [
    'DROP TABLE p_2_1',
    'a partition of shop.p_2 was detached or dropped',
    'CREATE TABLE p_2_1 PARTITION OF p_2 FOR VALUES FROM (10) TO (15)',
  ],
];

test.each(EMPTY.map((statements, index) => [statements, [21, 31, 18][index]!] as const))(
  '%s, at a dark target that Sluice then writes to',
  async (statements, id) => {
    expect(await changed('target', statements)).toEqual([]);
    await trial.target.sql(`INSERT INTO shop.p VALUES (${id})`, 'sluice_worker');
    expect(await changed('target', '')).toEqual([]);
  },
);

test.each(CHANGES)('%s, at a dark target', async (statements, why, undo) => {
  expect(await changed('target', statements)).toEqual([why]);
  await trial.target.sql(undo, 'app_owner');
  await guard('target').setGuard(await authority(), { state: 'dark' });
});

test('empty ones under a fence', async () => {
  await guard('source').setGuard(await authority(), { state: 'fenced', seconds: 600 });
  for (const statements of EMPTY) expect(await changed('source', statements)).toEqual([]);
  await guard('source').setGuard(await authority(), { state: 'sealed' });
  await guard('source').setGuard(await authority(), { state: 'open' });
});

test.each(CHANGES)('%s, under a fence', async (statements, why, undo) => {
  await guard('source').setGuard(await authority(), { state: 'fenced', seconds: 600 });
  expect(await changed('source', statements)).toEqual([why]);
  const seal = guard('source').setGuard(await authority(), { state: 'sealed' });
  await expect(seal).rejects.toThrow(FenceExpired);
  await expect(seal).rejects.toThrow(`the fence on the source of migration ${trial.name} is void: ${why}`);
  await guard('source').setGuard(await authority(), { state: 'open' });
  await trial.source.sql(undo, 'app_owner');
});

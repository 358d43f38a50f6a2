/** A table that another guard covers keeps it when it is attached to a table of a migration, and when that one is aborted. */
import { startLab, Lab, type Trial } from '../../support/world';
import { startControlTable, type TestControlTable } from '../../support/control-table';

let lab: Lab;
let second: TestControlTable;
beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => lab.stop());
beforeEach(async () => {
  second = await startControlTable();
});
afterEach(async () => {
  await lab.endTrials();
  await second.stop();
});

const accepts = (trial: Trial, side: 'source' | 'target', sql: string): Promise<boolean> =>
  trial[side].sql(`BEGIN; ${sql}; ROLLBACK`, 'app').then(
    () => true,
    () => false,
  );

test.each(['another control plane', 'the same control plane'])(
  'a partition that was attached to a table of a migration of %s keeps the guard of its own',
  async (whose) => {
    const trial = await lab.trial({
      tables: `CREATE TABLE p (id int PRIMARY KEY, v text NOT NULL);
        CREATE TABLE r (id int PRIMARY KEY, v text NOT NULL) PARTITION BY RANGE (id);
        CREATE TABLE r1 PARTITION OF r FOR VALUES FROM (100000) TO (200000)`,
      seed: `INSERT INTO p SELECT n, 'v' || n FROM generate_series(1, 250) AS n;
        INSERT INTO r SELECT n, 'v' || n FROM generate_series(100000, 100100) AS n; ANALYZE`,
      map: ['p'],
      definition: { fence: { minutes: 10 } },
    });
    // The first migration is done: its target serves, and p of the source is sealed.
    await trial.begin();
    await trial.walk('open');
    const write = `INSERT INTO p VALUES (-1, 'x')`;
    expect([await accepts(trial, 'source', write), await accepts(trial, 'target', write)]).toEqual([
      false,
      true,
    ]);

    // The second one captures r; its source is open. Then p is attached to r.
    const where =
      whose === 'another control plane' ? new Lab(lab.server, second.client, async () => undefined) : lab;
    const later = where.trialOn(trial.source, trial.target, {
      map: ['r'],
      definition: { name: 'later', shape: 'cdc', fence: { seconds: 60 } },
    });
    await later.begin();
    await later.walk('prepare');
    await later.source.sql('ALTER TABLE shop.r ATTACH PARTITION shop.p FOR VALUES FROM (-10) TO (10000)');
    expect(await accepts(trial, 'source', write)).toBe(false);
    await later.abort();
    expect([await accepts(trial, 'source', write), await accepts(trial, 'target', write)]).toEqual([
      false,
      true,
    ]);
    expect(await trial.guard('source')).toMatchObject({ state: 'sealed' });
    await later.disconnect();
  },
);

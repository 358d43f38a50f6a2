/** A restored copy of a database brings guards, captures and leases with it: a person releases them, and no row changes. */
import { FencedOut } from '../../../src/core/errors';
import {
  decideForgetting,
  forget,
  type ForgetPlan,
  type ForgetWorld,
} from '../../../src/core/ownership/forget';
import { runSql } from 'local-aws/testing';
import type { Side as SideName } from '../../../src/contract/sides';
import { Side } from '../../support/side';
import { startLab, type Lab, type Setup, type Trial } from '../../support/world';
import { bothOpen, forgetWorld } from './planes';

let lab: Lab;
beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => lab.stop());
afterEach(() => lab.endTrials());

const SETUP: Setup = {
  tables: 'CREATE TABLE t (id int PRIMARY KEY, v text NOT NULL)',
  seed: `INSERT INTO t SELECT n, 'v' || n FROM generate_series(1, 250) AS n; ANALYZE`,
  definition: { shape: 'cdc', fence: { seconds: 60 } },
};

async function walked(until: 'backfill' | 'seal' | 'stop-capture', setup: Setup = SETUP): Promise<Trial> {
  const trial = await lab.trial(setup);
  await trial.begin();
  await trial.walk(until);
  return trial;
}

/** A physical copy of one of a trial's databases, as a restored snapshot is, in a trial of its own. */
async function copied(trial: Trial, side: SideName): Promise<Trial> {
  await trial.disconnect();
  await trial[side].close();
  const name = `copy_of_${new URL(trial[side].url).pathname.slice(1)}`;
  await runSql(
    lab.server.superuserUrl,
    `CREATE DATABASE ${name} TEMPLATE ${new URL(trial[side].url).pathname.slice(1)}`,
  );
  // A snapshot has the rights on the database, which a template does not pass on.
  await runSql(lab.server.superuserUrl, `GRANT CREATE ON DATABASE ${name} TO sluice_owner`);
  const url = new URL(trial[side].url);
  url.pathname = `/${name}`;
  const copy = new Side(url.href);
  return { ...trial, source: copy, target: copy, name: trial.name } as Trial;
}

const worldOf = (trial: Trial, side: SideName, at: Trial = trial): ForgetWorld =>
  forgetWorld(trial, side, { at });

async function planOf(world: ForgetWorld): Promise<ForgetPlan> {
  const { decision } = await decideForgetting(world);
  if (decision.kind === 'forget') return decision;
  throw new Error(decision.kind === 'nothing' ? decision.why : JSON.stringify(decision.problems));
}

const forgetAll = async (world: ForgetWorld): Promise<void> => forget(world, await planOf(world), 'Ada');

test.each([
  ['source', 'seal'],
  ['target', 'backfill'],
] as const)('opens a copy of the %s after %s, and leaves every row', async (side, until) => {
  const trial = await walked(until);
  const copy = await copied(trial, side);
  const rows = await copy[side].content('t');
  await expect(copy[side].sql(`UPDATE t SET v = v`, 'app')).rejects.toThrow(/guards it/);
  await forgetAll(worldOf(trial, side, copy));
  expect(await copy[side].traces()).toEqual([]);
  expect(await copy[side].content('t')).toBe(rows);
  await copy[side].sql(`UPDATE t SET v = v`, 'app');
  await expect(planOf(worldOf(trial, side, copy))).rejects.toThrow(/no guard/);
  // The database that was copied is as it was.
  expect(await trial.guard(side)).toMatchObject({ state: side === 'source' ? 'sealed' : 'dark' });
  expect(await trial.events()).toEqual(expect.arrayContaining(['forgetting decided', 'forgotten']));
});

test('keeps the tables that Sluice created in a copy', async () => {
  const trial = await walked('backfill', {
    ...SETUP,
    target: '',
    files: { 'target.sql': 'CREATE SCHEMA made; CREATE TABLE made.t (id int PRIMARY KEY, v text NOT NULL)' },
    map: [{ source: 'shop.t', target: 'made.t' }],
  });
  const copy = await copied(trial, 'target');
  // Appliers may not have written the last rows before the copy was made.
  const rows = await copy.target.count('made.t');
  expect(rows).toBeGreaterThan(0);
  await forgetAll(worldOf(trial, 'target', copy));
  expect(await copy.target.count('made.t')).toBe(rows);
});

test.each(['source', 'target'] as const)(
  "refuses this control plane's running migration at the %s",
  async (side) => {
    const trial = await walked('backfill');
    await expect(planOf(worldOf(trial, side))).rejects.toThrow(/Abort the migration instead/);
    expect(await trial.guard('target')).toMatchObject({ state: 'dark' });
  },
);

test('after the flip it releases the target, and never the source', async () => {
  const trial = await walked('stop-capture');
  await expect(planOf(worldOf(trial, 'source'))).rejects.toThrow(/the source stays closed/);
  await forgetAll(worldOf(trial, 'target'));
  expect(await trial.target.traces()).toEqual([]);
  expect(await bothOpen(trial)).toEqual([false, true]);
  expect(await trial.target.count('t')).toBe(250);
});

test('releases the guards of a control plane that is gone, without a ledger', async () => {
  const trial = await walked('seal');
  const rows = [await trial.source.content('t'), await trial.target.content('t')];
  for (const side of ['source', 'target'] as const)
    await forgetAll({ ...worldOf(trial, side), control: null });
  expect([await trial.source.traces(), await trial.target.traces()]).toEqual([[], []]);
  expect([await trial.source.content('t'), await trial.target.content('t')]).toEqual(rows);
  expect(await bothOpen(trial)).toEqual([true, true]);
});

test('a guard that changed since it was shown is not released', async () => {
  const trial = await walked('backfill');
  const world = { ...worldOf(trial, 'source'), control: null };
  const plan = await planOf(world);
  await trial.walk('seal');
  await expect(forget(world, plan, 'Ada')).rejects.toThrow(FencedOut);
  expect(await trial.guard('source')).toMatchObject({ state: 'sealed' });
});

test('an interrupted release is finished by repeating it; another migration in the database keeps its guard', async () => {
  const trial = await walked('seal');
  const second = lab.trialOn(trial.source, trial.target, {
    map: ['u'],
    definition: SETUP.definition!,
  });
  for (const side of [trial.source, trial.target])
    await side.sql(
      'SET ROLE app_owner; CREATE TABLE u (id int PRIMARY KEY); GRANT ALL ON u TO sluice_worker, app; GRANT SELECT ON u TO sluice_verifier',
    );
  await second.begin();
  await second.walk('backfill');
  const world = { ...worldOf(trial, 'source'), control: null };
  const [guard] = (await planOf(world)).seen;
  await trial
    .world()
    .ends.source.guard.setGuard(
      { owner: guard!.owner, migration: trial.name, generation: guard!.generation, epoch: guard!.epoch + 1 },
      { state: 'open' },
    );
  await forgetAll(world);
  const guards = await trial.source.sql<{ migration: string; state: string; epoch: string }>(
    'SELECT migration, state, epoch FROM sluice.guard ORDER BY state',
  );
  expect(guards).toMatchObject([
    { migration: trial.name, state: 'none' },
    { migration: second.name, state: 'open' },
  ]);
  expect(Number(guards[0]!.epoch)).toBeGreaterThan(guard!.epoch);
  // Late calls of the released guard's control plane change nothing.
  await expect(
    trial
      .world()
      .ends.source.guard.setGuard(
        { ...(await trial.authority(guard!.epoch + 9)) },
        { state: 'fenced', seconds: 60 },
      ),
  ).rejects.toThrow(/none/);
  expect((await second.guard('source'))?.state).toBe('open');
  expect(await second.source.sql('SELECT count(*)::int AS n FROM sluice.capture')).toEqual([{ n: 1 }]);
});

test('guards of several control planes are released only by name', async () => {
  const trial = await walked('backfill');
  await trial.target.sql(
    `INSERT INTO sluice.guard (owner, environment, migration, side, generation, epoch, state)
     SELECT 'another', 'prod', migration, side, generation, epoch, 'sealed' FROM sluice.guard`,
  );
  const world = { ...worldOf(trial, 'target'), control: null };
  const { decision } = await decideForgetting(world);
  expect(decision).toMatchObject({
    kind: 'refused',
    problems: [
      { check: 'one-owner', remedy: expect.stringContaining('--owner another') as string },
      { check: 'own-environment', remedy: expect.stringContaining('--env prod') as string },
    ],
  });
  const named = (await decideForgetting(world, { owner: 'another' })).decision;
  expect(named.kind === 'forget' ? named.seen.map(({ owner }) => owner) : named).toEqual(['another']);
});

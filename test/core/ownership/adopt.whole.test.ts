/** A control table was restored or recreated, or another environment takes over: a person adopts the guards. */
import { cutover } from '../../../src/core/stages/cutover';
import { prepare } from '../../../src/core/stages/prepare';
import { UNKNOWN_CODE } from '../../../src/contract/versions';
import { ForeignOwner, FencedOut, RestoredLedger, WrongState } from '../../../src/core/errors';
import { adopt } from '../../../src/core/ownership/adopt';
import { contextOf, type World } from '../../../src/core/world';
import { startLab, type Lab, type Setup, type Trial } from '../../support/world';
import { revoke, undo } from '../../support/undo';
import { adoptAll, bothOpen, OtherLedger, planOf } from './planes';

let lab: Lab;
beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => lab.stop());

let other: OtherLedger;
beforeEach(async () => {
  other = await OtherLedger.start();
});
afterEach(async () => {
  await lab.endTrials();
  await other.stop();
});

const SETUP: Setup = {
  tables: 'CREATE TABLE t (id int PRIMARY KEY, v text NOT NULL)',
  seed: `INSERT INTO t SELECT n, 'v' || n FROM generate_series(1, 250) AS n; ANALYZE`,
  definition: { fence: { minutes: 10 } },
};
const CDC: Setup = { ...SETUP, definition: { shape: 'cdc', fence: { seconds: 60 } } };

const abort = async (world: World): Promise<void> => {
  await revoke(world, 'a test says so');
  await undo(world);
};
const eventsOf = async (trial: Trial): Promise<string[]> =>
  (await other.control().journal.last(trial.name, 100)).map(({ event }) => event);

async function assertRestored(trial: Trial, before: string): Promise<void> {
  expect([await trial.source.traces(), await trial.target.traces()]).toEqual([[], []]);
  expect(await bothOpen(trial)).toEqual([true, true]);
  expect([await trial.source.content('t'), await trial.target.count('t')]).toEqual([before, 0]);
  expect(await other.control().recordOrFail(trial.name)).toMatchObject({
    status: 'aborted',
    writes: 'source',
  });
  expect(await other.control().journal.firstBroken(trial.name)).toBeNull();
}

describe.each([
  ['offline', SETUP],
  ['cdc', CDC],
])('a ledger restored to an earlier point, shape %s', (_shape, setup) => {
  async function restored(): Promise<{ trial: Trial; before: string }> {
    const trial = await lab.trial(setup);
    const before = await trial.source.content('t');
    await trial.begin();
    await trial.walk('preflight');
    await other.restoreFrom(lab.dynamodb);
    await trial.walk('seal');
    return { trial, before };
  }

  test('cannot abort until its guards are adopted; then it can, and late calls of the lost ledger change nothing', async () => {
    const { trial, before } = await restored();
    const late = { ...(await trial.authority()), epoch: (await trial.authority()).epoch + 5 };
    await expect(revoke(other.world(trial), 'too early')).rejects.toThrow(RestoredLedger);
    expect(await bothOpen(trial)).toEqual([false, false]);

    const { epoch } = await adoptAll(other.ownership(trial));
    expect(await bothOpen(trial)).toEqual([false, false]);
    expect(epoch).toBeGreaterThan(late.epoch);
    for (const { guard } of Object.values(trial.world().ends))
      await expect(guard.setGuard(late, { state: 'open' })).rejects.toThrow(ForeignOwner);
    await expect(trial.walk('open')).rejects.toThrow(/belongs to another control plane/);
    expect(await bothOpen(trial)).toEqual([false, false]);

    await abort(other.world(trial));
    await assertRestored(trial, before);
    expect(await eventsOf(trial)).toEqual(expect.arrayContaining(['adoption decided', 'adopted', 'aborted']));
  });

  test('does not resume after the adoption, because its chunks and comparisons are void', async () => {
    const { trial } = await restored();
    await adoptAll(other.ownership(trial));
    await expect(trial.begin('execution-2', other.world(trial))).rejects.toThrow(
      /restored or recreated.*void.*Abort/,
    );
    expect(await bothOpen(trial)).toEqual([false, false]);
  });

  test('learns of a flip that it does not know, and is done', async () => {
    const { trial } = await restored();
    await trial.walk(trial.definition.shape === 'cdc' ? 'stop-capture' : 'open');
    await adoptAll(other.ownership(trial));
    expect(await other.control().recordOrFail(trial.name)).toMatchObject({
      status: 'done',
      writes: 'target',
    });
    expect(await bothOpen(trial)).toEqual([false, true]);
    await expect(revoke(other.world(trial), 'too late')).rejects.toThrow(WrongState);
    expect(await trial.target.count('t')).toBe(250);
  });
});

test('a restored ledger does not adopt the guards of other databases than its generation was started with', async () => {
  const trial = await lab.trial(SETUP);
  await trial.begin();
  await trial.walk('preflight');
  await other.restoreFrom(lab.dynamodb);
  await trial.walk('backfill');
  const world = other.ownership(trial);
  const deployed = async () => {
    const now = await world.deployed();
    return { ...now, target: { ...now.target, database: 'another' } };
  };
  await expect(planOf({ ...world, deployed })).rejects.toThrow(/same-endpoints.*target/);
  await expect(planOf(world)).resolves.toMatchObject({ isNewGeneration: false });
});

test('a restored ledger that knows the flip finishes the move', async () => {
  const trial = await lab.trial(SETUP);
  await trial.begin();
  await trial.walk('flip');
  await other.restoreFrom(lab.dynamodb);
  await trial.walk('open');
  await adoptAll(other.ownership(trial));
  expect(await other.control().recordOrFail(trial.name)).toMatchObject({ status: 'held', writes: 'target' });
  const world = other.world(trial);
  expect(await cutover(contextOf(world, await trial.begin('execution-2', world)))).toBe('moved');
  expect(await other.control().recordOrFail(trial.name)).toMatchObject({ status: 'done' });
  expect(await bothOpen(trial)).toEqual([false, true]);
});

test('a restored ledger learns of a later generation', async () => {
  const trial = await lab.trial(SETUP);
  const before = await trial.source.content('t');
  await trial.begin();
  await trial.walk('backfill');
  await other.restoreFrom(lab.dynamodb);
  await trial.abort();
  await trial.begin('execution-2');
  await trial.walk('backfill');
  await expect(revoke(other.world(trial), 'too early')).rejects.toThrow(RestoredLedger);
  const plan = await adoptAll(other.ownership(trial));
  expect(plan).toMatchObject({ generation: 2, isNewGeneration: true });
  await abort(other.world(trial));
  await assertRestored(trial, before);
});

describe('a recreated ledger, or a second environment', () => {
  async function running(until: 'prepare' | 'backfill' | 'seal' | 'open' = 'seal', setup: Setup = CDC) {
    const trial = await lab.trial(setup);
    const before = await trial.source.content('t');
    await trial.begin();
    await trial.walk(until);
    return { trial, before };
  }

  test.each(['prepare', 'backfill', 'seal'] as const)(
    'adopts after %s; then an abort restores both ends, and every call of the former owner is refused',
    async (until) => {
      const { trial, before } = await running(until);
      const plan = await adoptAll(other.ownership(trial));
      expect(plan.effects.join('\n')).toContain(
        `Takes migration ${trial.name} from control plane ${trial.of.owner}, environment test`,
      );
      const { guard, leases, installer } = trial.world().ends.target;
      const late = await trial.authority(plan.epoch + 10);
      for (const call of [
        guard.setGuard(late, { state: 'open' }),
        guard.revoke(late),
        leases.closeAll(late),
        installer.uninstall(late),
        installer.stopCapture(late),
      ])
        await expect(call).rejects.toThrow(ForeignOwner);
      await expect(trial.walk('open')).rejects.toThrow();

      await abort(other.world(trial));
      await assertRestored(trial, before);
    },
  );

  test("the former owner's abort touches nothing, and says whose the guards are", async () => {
    const { trial } = await running();
    await adoptAll(other.ownership(trial));
    const closed = await bothOpen(trial);
    await trial.abort();
    expect(await bothOpen(trial)).toEqual(closed);
    const [last] = await trial.control.journal.last(trial.name, 1);
    expect(JSON.stringify(last!.evidence)).toMatch(/belongs to another control plane.*environment restored/);
  });

  test('adopts a migration whose start it had refused', async () => {
    const { trial, before } = await running();
    const world = other.world(trial);
    const run = await trial.begin('execution-1', world);
    await expect(prepare(contextOf(world, run))).rejects.toThrow(ForeignOwner);
    await expect(abort(world)).resolves.toBeUndefined();
    expect(await bothOpen(trial)).toEqual([false, false]);
    await adoptAll(other.ownership(trial));
    await abort(other.world(trial));
    await assertRestored(trial, before);
  });

  test('adopts a finished migration as done', async () => {
    const { trial } = await running('open', SETUP);
    await adoptAll(other.ownership(trial));
    expect(await other.control().recordOrFail(trial.name)).toMatchObject({
      status: 'done',
      writes: 'target',
      stage: 'open',
    });
    expect(await bothOpen(trial)).toEqual([false, true]);
    expect(await trial.target.count('t')).toBe(250);
  });

  test('freezes the deployed definition as a new generation does, and no code can continue it', async () => {
    const { trial } = await running('backfill');
    const lost = await trial.control.recordOrFail(trial.name);
    await adoptAll(other.ownership(trial));
    const record = await other.control().recordOrFail(trial.name);
    const { format, shape, stages, definition, installed } = lost;
    expect(record).toMatchObject({ format, shape, stages, definition, installed, code: UNKNOWN_CODE });
    const { definitions } = other.control();
    expect(await definitions.read(trial.name, record.definition)).toMatchObject({ name: trial.name });
    for (const continueWith of ['recorded', 'deployed'] as const)
      await expect(trial.begin('execution-2', other.world(trial), { continueWith })).rejects.toThrow(
        /[Aa]bort/,
      );
    expect(await other.control().recordOrFail(trial.name)).toEqual(record);
  });

  test('starts the next generation after the abort', async () => {
    const { trial } = await running('backfill', SETUP);
    await adoptAll(other.ownership(trial));
    await abort(other.world(trial));
    const world = other.world(trial);
    const run = await trial.begin('execution-2', world);
    expect(run.generation).toBe(2);
    await prepare(contextOf(world, run));
    expect(await bothOpen(trial)).toEqual([true, false]);
  });
});

describe('by accident', () => {
  test('showing an adoption changes nothing', async () => {
    const trial = await lab.trial(SETUP);
    await trial.begin();
    await trial.walk('backfill');
    const state = async () => [
      await trial.source.sql('SELECT * FROM sluice.guard'),
      await trial.target.sql('SELECT * FROM sluice.guard'),
      await trial.target.sql('SELECT scope FROM sluice.lease ORDER BY 1'),
    ];
    const before = await state();
    await planOf(other.ownership(trial));
    expect(await state()).toEqual(before);
    expect(await other.control().record(trial.name)).toBeNull();
  });

  test('a guard that changed since it was shown is not adopted', async () => {
    const trial = await lab.trial(SETUP);
    await trial.begin();
    await trial.walk('seal');
    const plan = await planOf(other.ownership(trial));
    await trial.walk('open');
    await expect(adopt(other.ownership(trial), plan, 'Ada')).rejects.toThrow(/has changed to open/);
    expect(await bothOpen(trial)).toEqual([false, true]);
    expect(await trial.guard('source')).toMatchObject({ state: 'sealed' });
    // The other control plane may still open an end, so an abort here is refused.
    await expect(abort(other.world(trial))).rejects.toThrow('is not finished');
    expect(await bothOpen(trial)).toEqual([false, true]);
    await adoptAll(other.ownership(trial));
    expect(await other.control().recordOrFail(trial.name)).toMatchObject({
      status: 'done',
      writes: 'target',
    });
  });

  test('a record that changed since it was shown refuses the adoption', async () => {
    const trial = await lab.trial(SETUP);
    await trial.begin();
    await trial.walk('backfill');
    const plan = await planOf(other.ownership(trial));
    await trial.begin('execution-1', other.world(trial));
    await expect(adopt(other.ownership(trial), plan, 'Ada')).rejects.toThrow(/record .* has changed/);
    expect(await trial.guard('target')).toMatchObject({ state: 'dark' });
  });

  test("this control plane's own guards need no adoption", async () => {
    const trial = await lab.trial(SETUP);
    await trial.begin();
    await trial.walk('backfill');
    await adoptAll(other.ownership(trial));
    await expect(planOf(other.ownership(trial))).rejects.toThrow('belong to control plane');
  });
});

describe('an adoption that was interrupted', () => {
  test.each(['source', 'target'] as const)(
    'before the guard of the %s is finished by repeating it',
    async (side) => {
      const trial = await lab.trial(CDC);
      const before = await trial.source.content('t');
      await trial.begin();
      await trial.walk('backfill');
      const dying = other.ownership(trial, (each) =>
        each === side ? { adopt: () => Promise.reject(new Error('killed')) } : {},
      );
      await expect(adoptAll(dying)).rejects.toThrow('killed');
      await adoptAll(other.ownership(trial));
      await expect(planOf(other.ownership(trial))).rejects.toThrow('belong to control plane');
      await abort(other.world(trial));
      await assertRestored(trial, before);
    },
  );

  test('refuses an abort until repeating it has finished the adoption', async () => {
    const trial = await lab.trial(SETUP);
    const before = await trial.source.content('t');
    await trial.begin();
    await trial.walk('backfill');
    const dying = other.ownership(trial, (side) =>
      side === 'target' ? { adopt: () => Promise.reject(new Error('killed')) } : {},
    );
    await expect(adoptAll(dying)).rejects.toThrow('killed');
    await expect(abort(other.world(trial))).rejects.toThrow('is not finished');
    expect(await bothOpen(trial)).toEqual([false, false]);
    await adoptAll(other.ownership(trial));
    await abort(other.world(trial));
    await assertRestored(trial, before);
  });

  test("a repeated call of one guard changes nothing, and a late one of the former owner's register neither", async () => {
    const trial = await lab.trial(SETUP);
    await trial.begin();
    await trial.walk('backfill');
    const world = other.ownership(trial);
    const plan = await planOf(world);
    await adopt(world, plan, 'Ada');
    const authority = {
      owner: await world.control.owner(),
      migration: trial.name,
      generation: plan.generation,
      epoch: plan.epoch,
    };
    const guards = async () => trial.target.sql('SELECT * FROM sluice.guard ORDER BY owner');
    const before = await guards();
    for (const { side, seen } of plan.guards)
      await world.guards[side].adopt(authority, world.environment, seen);
    expect(await guards()).toEqual(before);
    const late = await trial.authority();
    await expect(
      trial.world().ends.target.installer.register(late, [{ schema: 'shop', name: 't' }], 'sluice_worker'),
    ).rejects.toThrow(ForeignOwner);
    await expect(
      world.guards.target.adopt({ ...authority, epoch: plan.epoch - 1 }, 'x', plan.guards[0]!.seen),
    ).rejects.toThrow(FencedOut);
  });
});

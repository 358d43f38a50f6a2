/** The cutover of a live migration: what does not fit into the fence is tried again, and only one outcome wins. */
import { FenceExpired, VerificationFailed, WrongState } from '../../src/core/errors';
import { revoke, undo } from '../support/undo';
import { cancelCutover } from '../../src/core/stages/cancel-cutover';
import { flip } from '../../src/core/cutover/flip';
import { seal } from '../../src/core/cutover/seal';
import { drain } from '../../src/core/cutover/drain';
import { fence } from '../../src/core/stages/fence';
import { verifyFenced } from '../../src/core/cutover/verify';
import { overriding, startLab, withEnd, type Lab, type Trial } from '../support/world';
import {
  assertMoved,
  expireFence,
  HASTY,
  isOpen,
  LIVE,
  liveState,
  assertGone,
  recordOf,
  Writer,
} from './live-setup';
import { hanger } from './one-chunk';

let lab: Lab;
beforeAll(async () => {
  lab = await startLab();
});
afterEach(() => lab.endTrials());
afterAll(() => lab.stop());

async function walked(until: Parameters<Trial['walk']>[0], setup = LIVE): Promise<Trial> {
  const trial = await lab.trial(setup);
  await trial.begin();
  await trial.walk(until);
  return trial;
}

const cancelled = async (trial: Trial): Promise<number> =>
  (await trial.events()).filter((event) => event === 'fence cancelled').length;

describe('a log that does not drain in time', () => {
  test('reopens the source, and a second attempt succeeds', async () => {
    const trial = await walked('catch-up');
    await trial.sync().stop();
    await trial.source.sql(`UPDATE parent SET v = 'waits in the log'`, 'app');
    await trial.stage('fence');
    expect(await isOpen(trial.source)).toBe(false);
    const draining = drain(trial.context()).catch((error: unknown) => error);
    await expireFence(trial);
    expect(await draining).toBeInstanceOf(FenceExpired);
    await cancelCutover(trial.context());
    expect(await isOpen(trial.source)).toBe(true);
    expect(await recordOf(trial)).toMatchObject({ writes: 'source', stage: 'backfill', fencesCancelled: 1 });

    trial.sync();
    await trial.walk('stop-capture');
    await assertMoved(trial);
    expect(
      await trial.target.sql(`SELECT count(*)::int AS n FROM parent WHERE v = 'waits in the log'`),
    ).toEqual([{ n: 400 }]);
  });

  test('every time holds the migration, with the source open', async () => {
    const trial = await walked('catch-up', HASTY);
    const world = trial.world();
    // Nothing is ever drained.
    const undrained = withEnd(world, 'source', ({ log }) => ({
      log: {
        dirtyPartitions: async (captures) => ({
          ...(await log.dirtyPartitions(captures)),
          dirty: new Set(['1/0']),
        }),
      },
    }));
    await expect(trial.walk('stop-capture', undrained)).rejects.toThrow(
      /exceeded its fence 5 times.*longer fence\.seconds/,
    );
    expect(await cancelled(trial)).toBe(5);
    expect(await isOpen(trial.source)).toBe(true);
  });
});

describe('a cancelled fence', () => {
  test('may be cancelled again, also by a resumed execution', async () => {
    const trial = await walked('fence');
    await cancelCutover(trial.context());
    await cancelCutover(trial.context());
    expect(await cancelled(trial)).toBe(1);
    await trial.begin('execution-2');
    await cancelCutover(trial.context());
    expect(await isOpen(trial.source)).toBe(true);
    await trial.walk('stop-capture');
    await assertMoved(trial);
  });

  test('that was interrupted after its decision is completed by the next catch-up', async () => {
    const trial = await walked('seal');
    const world = trial.world();
    const setGuard = async () => {
      throw new Error('killed');
    };
    const dying = withEnd(world, 'source', () => ({ guard: { setGuard } }));
    await expect(cancelCutover(trial.context(dying))).rejects.toThrow('killed');
    expect(await isOpen(trial.source)).toBe(false);
    await trial.begin('execution-2');
    await trial.walk('catch-up');
    expect(await isOpen(trial.source)).toBe(true);
    const writer = new Writer(trial.source, 10);
    await trial.walk('stop-capture');
    await writer.stop();
    await assertMoved(trial);
  });

  test('voids a late verdict, and the next fence has its own verification', async () => {
    const trial = await walked('drain');
    const { hang, hangs, wake } = hanger();
    const world = trial.world();
    const control = overriding(world.control, {
      finishStage: (...finished) => hang(() => world.control.finishStage(...finished)),
    });
    const late = verifyFenced(trial.context({ ...world, control })).catch((error: unknown) => error);
    await hangs;
    await cancelCutover(trial.context());
    await trial.walk('drain');
    wake();
    expect(await late).toBeInstanceOf(WrongState);
    expect(await recordOf(trial)).toMatchObject({ stage: 'drain', writes: 'source→target#2' });
    await expect(seal(trial.context())).rejects.toThrow(/is not verified/);
  });

  test('voids a late seal', async () => {
    const trial = await walked('verify');
    const { hang, hangs, wake } = hanger();
    const world = trial.world();
    const hanging = withEnd(world, 'source', ({ guard }) => ({
      guard: { setGuard: (...of) => hang(() => guard.setGuard(...of)) },
    }));
    const late = seal(trial.context(hanging)).catch((error: unknown) => error);
    await hangs;
    await cancelCutover(trial.context());
    await trial.walk('fence');
    wake();
    expect(await late).toMatchObject({ name: 'FencedOut' });
    expect(await trial.guard('source')).toMatchObject({ state: 'fenced' });
  });

  test('voids a late fence', async () => {
    const trial = await walked('catch-up');
    const { hang, hangs, wake } = hanger();
    const world = trial.world();
    const hanging = withEnd(world, 'source', ({ guard }) => ({
      guard: { setGuard: (...of) => hang(() => guard.setGuard(...of)) },
    }));
    const late = fence(trial.context(hanging)).catch((error: unknown) => error);
    await hangs;
    await cancelCutover(trial.context());
    wake();
    expect(await late).toMatchObject({ name: 'FencedOut' });
    expect(await isOpen(trial.source)).toBe(true);
  });
});

describe('of flip, cancel and abort', () => {
  test('exactly one wins when they run concurrently', async () => {
    const ready = await walked('prepare');
    for (let round = 0; round < 30; round += 1) {
      const trial = lab.trialOn(ready.source, ready.target, {
        definition: { shape: 'cdc' },
        map: ['parent'],
      });
      await trial.begin();
      await trial.control.setWrites(
        { migration: trial.name, generation: 1, writes: 'source' },
        'source→target#7',
        ['running'],
      );
      await trial.control.finishStage(trial.name, 1, 'seal');
      const world = trial.world();
      const free = withEnd(world, 'source', () => ({ guard: { setGuard: async () => null } }));
      const won = (work: () => Promise<unknown>) => () =>
        work().then(
          (verdict) => verdict !== 'flipped',
          () => false,
        );
      const rivals = [
        { name: 'flip', run: won(() => flip(trial.context(free))) },
        { name: 'cancel', run: won(() => cancelCutover(trial.context(free))) },
        { name: 'abort', run: won(() => revoke(free, 'race')) },
      ];
      const order = [0, 1, 2].map((place) => rivals[(place + round) % 3]!);
      const outcomes = await Promise.all(order.map(({ run }) => run()));
      const winners = order.filter((_, index) => outcomes[index]).map(({ name }) => name);
      const { writes, status, fencesCancelled } = await recordOf(trial);
      const decided = writes === 'target' ? 'flip' : fencesCancelled === 1 ? 'cancel' : 'abort';
      expect(winners).toContain(decided);
      // An abort may come after a cancel: it takes back what is at the source. Nothing comes after a flip.
      if (decided === 'flip') expect(winners).toEqual(['flip']);
      else expect(winners).not.toContain('flip');
      expect(status).toBe(winners.includes('abort') ? 'aborting' : 'running');
    }
  });

  test('a cancel after the flip changes nothing and reports that, and the target opens', async () => {
    const trial = await walked('flip');
    const before = await trial.everyItem();
    expect(await cancelCutover(trial.context())).toBe('flipped');
    expect(await trial.everyItem()).toBe(before);
    expect(await isOpen(trial.source)).toBe(false);
    await trial.walk('stop-capture');
    await assertMoved(trial);
  });

  test('a cancel after the abort is refused, and both databases are restored', async () => {
    const trial = await lab.trial(LIVE);
    const before = await liveState(trial);
    await trial.begin();
    await trial.walk('seal');
    await revoke(trial.world(), 'in time');
    await expect(cancelCutover(trial.context())).rejects.toBeInstanceOf(WrongState);
    await undo(trial.world());
    await assertGone(trial, before);
  });
});

describe('the verdict under the fence', () => {
  const damage = (trial: Trial, sql: string) => trial.target.sql(sql, 'sluice_worker');

  test('copies an unequal chunk again, with the source open meanwhile', async () => {
    const trial = await walked('backfill');
    await damage(trial, `UPDATE parent SET v = 'damaged' WHERE id = 42`);
    const writer = new Writer(trial.source, 10);
    await trial.walk('stop-capture');
    await writer.stop();
    await assertMoved(trial);
    expect((await trial.events()).filter((event) => event === 'unequal chunks copied again')).toHaveLength(1);
  });

  test('holds the migration, with the source open, if a chunk is unequal after its second copy', async () => {
    const trial = await walked('backfill');
    const world = trial.world();
    const doubtful = withEnd(world, 'target', ({ verifier }) => ({
      verifier: {
        digestTo: async (layout, range) => {
          const digest = await verifier.digestTo(layout, range);
          return layout.to.name === 'parent' && range.lower === null
            ? { ...digest, checksum: '0:0' }
            : digest;
        },
      },
    }));
    await expect(trial.walk('stop-capture', doubtful)).rejects.toBeInstanceOf(VerificationFailed);
    expect(await isOpen(trial.source)).toBe(true);
    expect(await recordOf(trial)).toMatchObject({ writes: 'source', status: 'running' });
    await trial.begin('execution-2');
    await trial.walk('stop-capture');
    await assertMoved(trial);
  });

  test('compares only chunks that were touched since they were found equal', async () => {
    const trial = await walked('catch-up');
    await trial.source.sql(`UPDATE parent SET v = 'touched' WHERE id IN (1, 2, 3)`, 'app');
    await trial.walk('verify');
    const entries = await trial.control.journal.last(trial.name, 100);
    const { compared } = entries.find(({ event }) => event === 'verify finished')!.evidence as {
      compared: number;
    };
    expect(compared).toBe(1);
  });

  test('is void if the fence did not hold until its end', async () => {
    const trial = await walked('drain');
    const world = trial.world();
    const expiring = withEnd(world, 'target', ({ verifier }) => ({
      verifier: {
        orphans: async (...range) => {
          await expireFence(trial);
          return verifier.orphans(...range);
        },
      },
    }));
    const chunk = (await trial.chunks())[0]!;
    await trial.control.chunks.compareAgain(trial.item(chunk.chunk, chunk.table));
    await expect(verifyFenced(trial.context(expiring))).rejects.toBeInstanceOf(FenceExpired);
    expect((await recordOf(trial)).stage).toBe('drain');
  });
});

describe('foreign keys that only the target has', () => {
  const TABLES =
    'CREATE TABLE parent (id int PRIMARY KEY, v text); CREATE TABLE child (id int PRIMARY KEY, parent_id int)';
  const SETUP = {
    tables: TABLES,
    target: `${TABLES}; ALTER TABLE child ADD FOREIGN KEY (parent_id) REFERENCES parent`,
    seed: 'INSERT INTO parent SELECT generate_series(1, 150); INSERT INTO child SELECT n, n FROM generate_series(1, 150) AS n',
    map: ['parent', 'child'],
    definition: LIVE.definition!,
  };

  test('are checked over the whole table, and rows without a parent hold the migration with the source open', async () => {
    const trial = await walked('catch-up', SETUP);
    await trial.source.sql('DELETE FROM parent WHERE id = 7', 'app');
    await expect(trial.walk('stop-capture')).rejects.toThrow(/without the parent.*shop\.child \(1 rows\)/);
    expect(await isOpen(trial.source)).toBe(true);
    await trial.source.sql('DELETE FROM child WHERE parent_id = 7', 'app');
    await trial.begin('execution-2');
    await trial.walk('stop-capture');
    await assertMoved(trial);
  });
});

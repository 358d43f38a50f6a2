/** Fence, seal, flip, open: whatever is late, repeated or racing with an abort, exactly one side may be written. */
import { INSTALLED_VERSION } from '../../src/contract/versions';
import { FenceExpired, WrongState } from '../../src/core/errors';
import type { MigrationRecord } from '../../src/core/ledger';
import { revoke, undo } from '../support/undo';
import { flip } from '../../src/core/cutover/flip';
import { openSide } from '../../src/core/cutover/open-side';
import { seal } from '../../src/core/cutover/seal';
import { fence } from '../../src/core/stages/fence';
import { overriding, startLab, type Lab, type Trial } from '../support/world';
import { lateFlip, sourceIsOpen } from './cutover-scene';

const TABLES = 'CREATE TABLE t (id int PRIMARY KEY)';
const SEED = 'INSERT INTO t SELECT generate_series(1, 10)';

/** The column owns one sequence, and its default draws from another. */
const OTHER_DRAWS = `CREATE SEQUENCE global_id START 5000000; CREATE TABLE ledger (id bigserial PRIMARY KEY, note text);
  ALTER TABLE ledger ALTER id SET DEFAULT nextval('global_id')`;

let lab: Lab;
beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => lab.stop());

const record = (trial: Trial): Promise<MigrationRecord> => trial.control.recordOrFail(trial.name);
const targetIsOpen = (trial: Trial) =>
  trial.target.sql('UPDATE t SET id = id', 'app').then(
    () => true,
    () => false,
  );

async function walked(until: Parameters<Trial['walk']>[0]): Promise<Trial> {
  const trial = await lab.trial({ tables: TABLES, seed: SEED });
  await trial.begin();
  await trial.walk(until);
  return trial;
}

test('at most one side accepts writes at any stage, and the target does at the end', async () => {
  const trial = await walked('prepare');
  expect(await sourceIsOpen(trial)).toBe(true);
  await trial.walk('backfill');
  for (const stage of ['fence', 'verify', 'seal', 'flip'] as const) {
    await trial.walk(stage);
    expect([stage, await sourceIsOpen(trial), await targetIsOpen(trial)]).toEqual([stage, false, false]);
  }
  await trial.walk('open');
  expect([await sourceIsOpen(trial), await targetIsOpen(trial)]).toEqual([false, true]);
  expect(await record(trial)).toMatchObject({ status: 'done', writes: 'target', execution: null });
});

describe('stages in the wrong order are refused:', () => {
  test('sealing before the copy is verified', async () => {
    const trial = await walked('backfill');
    await expect(seal(trial.context())).rejects.toThrow(/is not verified, so nothing was sealed/);
    expect(await trial.guard('source')).toMatchObject({ state: 'fenced' });
  });

  test('flipping before the seal', async () => {
    const trial = await walked('verify');
    await expect(flip(trial.context())).rejects.toThrow(/is not sealed, so nothing was flipped/);
    expect((await record(trial)).writes).toMatch(/^source→target#/);
  });

  test('opening the target before the flip', async () => {
    const trial = await walked('seal');
    await expect(openSide(trial.context())).rejects.toThrow(/so the target stays dark/);
    expect(await targetIsOpen(trial)).toBe(false);
  });
});

describe('flip and abort compete for one attribute:', () => {
  test('after the flip, an abort is refused and the cutover continues', async () => {
    const trial = await walked('flip');
    await expect(revoke(trial.world(), 'too late')).rejects.toThrow(WrongState);
    await expect(undo(trial.world())).rejects.toThrow(WrongState);
    expect(await record(trial)).toMatchObject({ writes: 'target', status: 'running' });
    await trial.walk('open');
    expect(await targetIsOpen(trial)).toBe(true);
    await expect(revoke(trial.world(), 'far too late')).rejects.toThrow(WrongState);
    await expect(undo(trial.world())).rejects.toThrow(WrongState);
    expect(await trial.target.count('t')).toBe(10);
  });

  test('after the abort, a flip is refused and the source is opened', async () => {
    const trial = await walked('seal');
    await revoke(trial.world(), 'in time');
    await expect(flip(trial.context())).rejects.toThrow(WrongState);
    await undo(trial.world());
    await expect(flip(trial.context())).rejects.toThrow(WrongState);
    expect([await sourceIsOpen(trial), await targetIsOpen(trial)]).toEqual([true, true]);
    expect(await record(trial)).toMatchObject({ writes: 'source', status: 'aborted' });
  });

  test('a flip that was sent before the abort and arrives after it is refused', async () => {
    const trial = await walked('seal');
    const { late, wake } = await lateFlip(trial);
    await revoke(trial.world(), 'in between');
    wake();
    expect(await late).toBeInstanceOf(WrongState);
    expect((await record(trial)).writes).toBe('source, aborting');
  });

  test('a flip of an earlier generation does not flip the next one', async () => {
    const trial = await walked('seal');
    const { late, wake } = await lateFlip(trial);
    await trial.abort();
    await trial.begin('execution-2');
    await trial.walk('seal');
    wake();
    expect(await late).toBeInstanceOf(WrongState);
    expect((await record(trial)).writes).toMatch(/^source→target#/);
    await trial.walk('open');
    expect(await trial.contents()).toEqual({
      source: ['10 rows, ' + (await hash(trial))],
      target: ['10 rows, ' + (await hash(trial))],
    });
  });

  test('exactly one wins in many concurrent attempts', async () => {
    const ready = await lab.trial({ tables: TABLES });
    for (let round = 0; round < 40; round += 1) {
      const trial = lab.trialOn(ready.source, ready.target, {});
      await trial.begin();
      await trial.control.setWrites(
        { migration: trial.name, generation: 1, writes: 'source' },
        'source→target#7',
        ['running'],
      );
      await trial.control.finishStage(trial.name, 1, 'seal');
      const flipping = () =>
        flip(trial.context()).then(
          () => true,
          () => false,
        );
      const aborting = () =>
        revoke(trial.world(), 'race').then(
          () => true,
          () => false,
        );
      // Each is a few reads ahead of its compare-and-set: the order of starting must not matter.
      const [flipped, aborted] =
        round % 2 === 0
          ? await Promise.all([flipping(), aborting()])
          : (await Promise.all([aborting(), flipping()])).reverse();
      const { writes, status } = await record(trial);
      if (writes === 'target') {
        expect({ flipped, aborted, status }).toEqual({ flipped: true, aborted: false, status: 'running' });
      } else {
        expect({ flipped, aborted, writes, status }).toEqual({
          flipped: false,
          aborted: true,
          writes: 'source, aborting',
          status: 'aborting',
        });
      }
    }
  });
});

describe('an interrupted cutover', () => {
  test.each(['fence', 'seal', 'flip', 'open'] as const)(
    'is resumed if it ended before %s was recorded',
    async (stage) => {
      const trial = await walked('preflight');
      const world = trial.world();
      const control = overriding(world.control, {
        finishStage: async (...finished) => {
          if (finished[2] === stage) throw new Error('killed');
          return world.control.finishStage(...finished);
        },
      });
      await expect(trial.walk('open', { ...world, control })).rejects.toThrow('killed');
      await trial.begin('execution-2');
      await trial.walk('open');
      expect(await record(trial)).toMatchObject({ status: 'done', writes: 'target', stage: 'open' });
      expect([await sourceIsOpen(trial), await targetIsOpen(trial)]).toEqual([false, true]);
      expect(await trial.control.journal.firstBroken(trial.name)).toBeNull();
    },
  );

  test('can be repeated after its end without a change', async () => {
    const trial = await walked('open');
    const before = await record(trial);
    await trial.walk('open');
    expect(await record(trial)).toEqual(before);
  });
});

describe('an expired fence', () => {
  test('is detected by the seal, and the abort restores both databases', async () => {
    const trial = await walked('verify');
    await expireFence(trial);
    await trial.source.sql('INSERT INTO t VALUES (11)', 'app');
    await expect(seal(trial.context())).rejects.toBeInstanceOf(FenceExpired);
    await expect(flip(trial.context())).rejects.toBeInstanceOf(WrongState);
    await trial.abort();
    expect(await trial.source.count('t')).toBe(11);
    expect(await trial.target.count('t')).toBe(0);
  });

  test('is not fenced again by a resumed attempt', async () => {
    const trial = await walked('prepare');
    const world = trial.world();
    const control = overriding(world.control, {
      finishStage: async () => {
        throw new Error('killed');
      },
    });
    await expect(fence(trial.context({ ...world, control }))).rejects.toThrow('killed');
    await expireFence(trial);
    await expect(fence(trial.context())).rejects.toBeInstanceOf(FenceExpired);
  });

  /** As if its deadline had passed. */
  async function expireFence(trial: Trial): Promise<void> {
    await trial.source.sql(`
      UPDATE sluice.guard SET deadline = now() - interval '1 second';
      SELECT sluice.write_guard_v${INSTALLED_VERSION}(id, sluice.passing_rows_v${INSTALLED_VERSION}('fenced', deadline, ''))
      FROM sluice.guard WHERE owner = '${trial.of.owner}' AND migration = '${trial.name}' AND side = 'source'`);
  }
});

describe('sequences', () => {
  test('continue after the values of both sides and never go back, even if the seal is repeated', async () => {
    const tables = `CREATE TABLE t (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, n serial);
      CREATE TABLE down (id int PRIMARY KEY, k int NOT NULL DEFAULT 0);
      CREATE SEQUENCE falling INCREMENT -5 MINVALUE -1000000 MAXVALUE 0 START 0 OWNED BY down.k;
      ALTER TABLE down ALTER k SET DEFAULT nextval('falling')`;
    const trial = await lab.trial({
      tables,
      seed: `INSERT INTO t (n) SELECT n FROM generate_series(1, 50) AS n; SELECT setval('t_n_seq', 7000), setval('falling', -500)`,
      map: ['t', 'down'],
    });
    await trial.target.sql(`SELECT setval('t_n_seq', 9000)`);
    await trial.begin();
    await trial.walk('verify');
    const world = trial.world();
    const control = overriding(world.control, {
      finishStage: async () => {
        throw new Error('killed');
      },
    });
    await expect(seal(trial.context({ ...world, control }))).rejects.toThrow('killed');
    await trial.walk('open');
    await trial.target.sql('INSERT INTO t DEFAULT VALUES; INSERT INTO down (id) VALUES (1)', 'app');
    const [row] = await trial.target.sql<{ id: string; n: number }>(
      'SELECT id, n FROM t ORDER BY id DESC LIMIT 1',
    );
    expect(Number(row!.id)).toBeGreaterThan(1_050);
    expect(row!.n).toBeGreaterThan(10_000);
    const [fell] = await trial.target.sql<{ k: number }>('SELECT k FROM down');
    expect(fell!.k).toBeLessThan(-5_500);
  });

  test('continue after the one that a default draws from, not the one that the column owns', async () => {
    const trial = await lab.trial({
      tables: OTHER_DRAWS,
      target: OTHER_DRAWS.replace("ALTER TABLE ledger ALTER id SET DEFAULT nextval('global_id')", 'SELECT 1'),
      seed: `INSERT INTO ledger (note) SELECT n FROM generate_series(1, 50) AS n`,
      map: ['ledger'],
    });
    await trial.begin();
    await trial.walk('open');
    const [row] = await trial.target.sql<{ id: string }>(
      `INSERT INTO ledger (note) VALUES ('new') RETURNING id`,
      'app',
    );
    expect(Number(row!.id)).toBeGreaterThan(5_000_050);
    expect(Number(row!.id)).toBeLessThan(5_003_000);
  });

  describe('of the receiving side', () => {
    const next = async (shape: string, ...positions: (string | number)[]): Promise<string[]> => {
      const trial = await walked('verify');
      await trial.target.sql(`SET ROLE app_owner; CREATE SEQUENCE shop.s ${shape}`);
      const by = await trial.authority();
      const advance = (attempt: number, position: string | number) =>
        trial
          .world()
          .ends.target.guard.advanceSequence(
            { ...by, epoch: by.epoch + attempt },
            'shop.s',
            String(position),
            1_000,
          );
      const reached: string[] = [];
      for (const [attempt, position] of positions.entries()) reached.push(await advance(attempt, position));
      return reached;
    };

    test('leave one gap, regardless of the number of attempts', async () => {
      expect(await next('', 50, 50, 60, 60)).toEqual(['1050', '1050', '1060', '1060']);
      expect(await next('INCREMENT -5', -50, -50, -60)).toEqual(['-5050', '-5050', '-5060']);
    });

    test.each([
      [
        'AS integer',
        3_000_000_000,
        'must continue after 3000001000, but ends at 2147483647. ALTER SEQUENCE shop.s AS bigint NO MAXVALUE',
      ],
      ['AS smallint', 31_767, 'must continue after 32767, but ends at 32767'],
      ['', '9223372036854775800', 'must continue after 9223372036854776800, but ends at 9223372036854775807'],
      [
        'AS smallint INCREMENT -1',
        -32_000,
        'must continue after -33000, but ends at -32768. ALTER SEQUENCE shop.s AS bigint NO MINVALUE',
      ],
      ['AS smallint CYCLE', 40_000, 'must continue after 41000, but ends at 32767'],
    ])('are not set beyond their end (%s, after %s)', async (shape, position, refusal) => {
      await expect(next(shape, position)).rejects.toThrow(refusal);
    });

    test('restart if they cycle', async () => {
      expect(await next('AS smallint CYCLE', 32_000)).toEqual(['32767']);
    });
  });
});

async function hash(trial: Trial): Promise<string> {
  return (await trial.source.content('t')).split(', ')[1]!;
}

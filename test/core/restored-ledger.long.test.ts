/** A control table that was restored to an earlier state opens nothing, however often it is tried. */
import { GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import type { Stage } from '../../src/contract/lifecycle';
import { RestoredLedger } from '../../src/core/errors';
import { TABLE_NAME } from '../support/control-table';
import { cancelCutover } from '../../src/core/stages/cancel-cutover';
import { cutoverRound } from '../../src/core/stages/cutover';
import { type Lab, overriding, startLab, type Trial, withEnd } from '../support/world';
import { revoke, undo } from '../support/undo';
import { LIVE } from './live-setup';
import { bothOpen } from './ownership/planes';

let lab: Lab;
beforeAll(async () => {
  lab = await startLab();
});
afterEach(() => lab.endTrials());
afterAll(() => lab.stop());

const recordKey = (trial: Trial) => ({ pk: trial.name, sk: 'migration' });

const readItem = async (trial: Trial) =>
  (
    await lab.dynamodb.send(
      new GetCommand({ TableName: TABLE_NAME, Key: recordKey(trial), ConsistentRead: true }),
    )
  ).Item;

/** Runs a migration until the target serves, then restores the record that it had after a stage. */
async function restored(shape: 'offline' | 'cdc', stage: Stage): Promise<Trial> {
  const trial = await lab.trial({
    tables: 'CREATE TABLE t (id int PRIMARY KEY)',
    seed: 'INSERT INTO t SELECT generate_series(1, 200)',
    definition: shape === 'cdc' ? { shape, fence: { seconds: 60 } } : { shape },
  });
  await trial.begin();
  await trial.walk(stage);
  const Item = await readItem(trial);
  await trial.walk('open');
  await lab.dynamodb.send(new PutCommand({ TableName: TABLE_NAME, Item }));
  return trial;
}

const openSides = async (trial: Trial) => {
  const sides = ['source', 'target'] as const;
  const guards = await Promise.all(sides.map((side) => trial.guard(side)));
  return sides.filter((_, index) => guards[index]?.state === 'open');
};

describe.each([
  ['offline', 'fence'],
  ['offline', 'seal'],
  ['cdc', 'backfill'],
  ['cdc', 'verify'],
  ['cdc', 'seal'],
] as const)('shape %s, restored to the end of %s, after the flip', (shape, stage) => {
  test('an abort is refused, and so is every repetition', async () => {
    const trial = await restored(shape, stage);
    const before = await trial.control.recordOrFail(trial.name);
    for (let time = 0; time < 4; time += 1) await expect(trial.abort()).rejects.toThrow(RestoredLedger);
    expect(await trial.control.recordOrFail(trial.name)).toEqual(before);
    expect(await openSides(trial)).toEqual(['target']);
  });

  test('a resume opens no other side', async () => {
    const trial = await restored(shape, stage);
    if (stage === 'seal') {
      // Only the flip is missing, and nothing else may follow the seal.
      await trial.begin('resumed');
      await trial.walk('open');
      expect(await openSides(trial)).toEqual(['target']);
      expect((await trial.control.recordOrFail(trial.name)).writes).toBe('target');
      return;
    }
    for (let time = 0; time < 4; time += 1) {
      await trial.begin(`resumed-${time}`);
      await expect(trial.walk('open')).rejects.toThrow();
      expect(await openSides(trial)).toEqual(['target']);
    }
  });
});

test('restored to the moment before the flip, neither a resume nor a cancel opens the sealed source', async () => {
  const trial = await lab.trial(LIVE);
  await trial.begin();
  await trial.walk('backfill');
  let Item: Record<string, unknown> | undefined;
  const world = trial.world();
  await trial.walk(
    'open',
    withEnd(world, 'target', ({ leases }) => ({
      leases: overriding(leases, {
        closeAll: async (authority) => {
          await leases.closeAll(authority);
          Item = await readItem(trial);
        },
      }),
    })),
  );
  await lab.dynamodb.send(new PutCommand({ TableName: TABLE_NAME, Item }));

  for (let time = 0; time < 4; time += 1) {
    await trial.begin(`resumed-${time}`);
    await expect(cutoverRound(trial.context())).rejects.toThrow();
    expect(await openSides(trial)).toEqual(['target']);
    await expect(cancelCutover(trial.context())).rejects.toThrow(RestoredLedger);
    expect(await openSides(trial)).toEqual(['target']);
  }
});

test.each(['aborting', 'aborted', 'held'] as const)(
  'restored to generation 1, %s, it changes nothing of generation 2, which serves',
  async (status) => {
    const trial = await lab.trial({
      tables: 'CREATE TABLE t (id int PRIMARY KEY, v text NOT NULL)',
      seed: `INSERT INTO t SELECT n, 'v' || n FROM generate_series(1, 250) AS n`,
    });
    await trial.begin();
    await trial.walk('seal');
    let Item = await readItem(trial);
    if (status === 'aborting') {
      await revoke(trial.world(), 'x');
      Item = await readItem(trial);
      await undo(trial.world());
    } else {
      await trial.abort();
      if (status === 'aborted') Item = await readItem(trial);
    }
    await trial.begin('execution-2');
    await trial.walk('open');
    await lab.dynamodb.send(new PutCommand({ TableName: TABLE_NAME, Item }));
    for (let time = 0; time < 3; time += 1) {
      await trial.abort().catch(() => undefined);
      await trial
        .begin(`execution-3${time}`)
        .then(() => trial.walk('open'))
        .catch(() => undefined);
      await trial.abort().catch(() => undefined);
      expect(await bothOpen(trial)).toEqual([false, true]);
      expect(await trial.target.count('t')).toBe(250);
    }
  },
);

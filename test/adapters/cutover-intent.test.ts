/** One attribute decides which side may write. An intent reserves an epoch with it; records of version 0.1 are still read. */
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { ControlTable } from '../../src/adapters/dynamodb/control-table';
import { startControlTable, TABLE_NAME } from '../support/control-table';

let table: Awaited<ReturnType<typeof startControlTable>>;
let control: ControlTable;
let migration: string;
let migrations = 0;

beforeAll(async () => {
  table = await startControlTable();
  control = new ControlTable(table.client, TABLE_NAME);
});
afterAll(() => table.stop());
beforeEach(async () => {
  migrations += 1;
  migration = `move-${migrations}`;
  await control.create(migration, 'first', 'cdc');
});

const record = () => control.recordOrFail(migration);
const intend = async () => control.intendCutover(await record());
const cancel = async () =>
  control.setWrites({ migration: migration, generation: 1, writes: (await record()).writes }, 'source', [
    'running',
  ]);

test('an intent names the attempt and reserves the epoch of its fence, in one update', async () => {
  const epoch = await control.nextEpoch(migration);
  const intended = { writes: 'source→target#1', cutoverAttempts: 1, fenceEpoch: epoch + 1, epoch: epoch + 1 };
  expect(await intend()).toMatchObject({ migration, ...intended });
  expect(await record()).toMatchObject(intended);
  expect(await control.nextEpoch(migration)).toBe(epoch + 2);
});

test('the number of attempts increases over cancels, generations and both directions', async () => {
  expect((await intend())?.writes).toBe('source→target#1');
  await cancel();
  expect((await intend())?.writes).toBe('source→target#2');
  await cancel();
  const reverse = { generation: 2, direction: 'reverse', writes: 'target' } as const;
  await control.takeOver(await record(), 'first', reverse);
  expect((await intend())?.writes).toBe('target→source#3');
});

test('only one of many concurrent intents wins', async () => {
  const seen = await record();
  const decided = await Promise.all(Array.from({ length: 5 }, () => control.intendCutover(seen)));
  expect(decided.filter((intended) => intended !== null)).toHaveLength(1);
  expect(await record()).toMatchObject({ writes: 'source→target#1', epoch: 1 });
});

test('a late copy of an intent changes nothing after its attempt was cancelled', async () => {
  const seen = await record();
  await control.intendCutover(seen);
  await cancel();
  const before = await record();
  expect(before.writes).toBe('source');
  expect(await control.intendCutover(seen)).toBeNull();
  expect(await record()).toEqual(before);
});

test('an intent is accepted only for the serving side, the current generation and a running migration', async () => {
  const seen = await record();
  expect(await control.intendCutover({ ...seen, direction: 'reverse' })).toBeNull();
  expect(await control.intendCutover({ ...seen, generation: 2 })).toBeNull();
  await control.release(migration, 'first', 'held', 'a reason');
  expect(await control.intendCutover(seen)).toBeNull();
  await control.setWrites(
    { migration: migration, generation: 1, writes: 'source' },
    'source, aborting',
    ['held'],
    { status: 'aborting' },
  );
  expect(await control.intendCutover(await record())).toBeNull();
  expect(await record()).toMatchObject({ writes: 'source, aborting', cutoverAttempts: 0, epoch: 0 });
});

test('an abort returns the writes to the source when it ends', async () => {
  await control.setWrites(
    { migration: migration, generation: 1, writes: 'source' },
    'source, aborting',
    ['running'],
    { status: 'aborting' },
  );
  await control.setAborted(migration, 1);
  expect(await record()).toMatchObject({ writes: 'source', status: 'aborted' });
});

describe('a record of version 0.1', () => {
  const old = (writes: string) =>
    table.client.send(
      new PutCommand({
        TableName: TABLE_NAME,
        Item: {
          ...{ pk: migration, sk: 'migration', generation: 1, status: 'running', stage: 'plan' },
          ...{ writes, epoch: 9, owner: 'first', reason: null, salt: '00', fenceDeadline: null, wave: null },
        },
      }),
    );

  test('has direction forward, and its fence keeps its number and epoch', async () => {
    await old('fenced#7');
    expect(await record()).toMatchObject({
      direction: 'forward',
      writes: 'source→target#7',
      fenceEpoch: 7,
      cutoverAttempts: 9,
    });
  });

  test('finishes stages, flips, is cancelled and aborted', async () => {
    await old('fenced#7');
    await control.finishStage(migration, 1, 'seal', 'source→target#7');
    expect((await record()).stage).toBe('seal');
    for (const next of ['target', 'source', 'source, aborting'] as const) {
      await old('fenced#7');
      expect(
        await control.setWrites({ migration: migration, generation: 1, writes: 'source→target#6' }, next, [
          'running',
        ]),
      ).toBe(false);
      expect(
        await control.setWrites({ migration: migration, generation: 1, writes: 'source→target#7' }, next, [
          'running',
        ]),
      ).toBe(true);
      expect((await record()).writes).toBe(next);
    }
  });

  test('never assigns a number twice', async () => {
    await old('source');
    expect(await record()).toMatchObject({ writes: 'source', fenceEpoch: null });
    expect((await intend())?.writes).toBe('source→target#10');
  });
});

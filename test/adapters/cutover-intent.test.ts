/** One attribute decides which side may write. An intent reserves epochs with it; records of other formats are refused. */
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { ControlTable } from '../../src/adapters/dynamodb/control-table';
import { attemptEpochsOf } from '../../src/core/cutover/attempt-epochs';
import { UnknownFormat } from '../../src/core/errors';
import { startControlTable, TABLE_NAME } from '../support/control-table';
import { generationStart } from '../support/generation-start';

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
  await control.create(migration, 'first', generationStart('cdc'));
});

const record = () => control.recordOrFail(migration);
const intend = async () => control.intendCutover(await record());
const abort = async () => control.decideAbort(await record(), 'a test says so');
const cancel = async () =>
  control.setWrites({ migration: migration, generation: 1, writes: (await record()).writes }, 'source', [
    'running',
  ]);

test('an intent names the attempt and reserves the epochs of its guards, in one update', async () => {
  const epoch = await control.nextEpoch(migration);
  const intended = { writes: 'source→target#1', cutoverAttempts: 1, fenceEpoch: epoch + 1, epoch: epoch + 4 };
  expect(await intend()).toMatchObject({ migration, ...intended });
  expect(await record()).toMatchObject(intended);
  expect(attemptEpochsOf(await record())).toEqual({
    ...{ fence: epoch + 1, seal: epoch + 2, open: epoch + 3, cancel: epoch + 4 },
  });
  expect(await control.nextEpoch(migration)).toBe(epoch + 5);
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
  expect(await record()).toMatchObject({ writes: 'source→target#1', epoch: 4 });
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
  await control.decideAbort(await record(), 'a test says so');
  await control.setAborted(migration, 1, 1);
  expect(await record()).toMatchObject({ writes: 'source', status: 'aborted' });
});

describe('the decision to abort', () => {
  test('reserves the epochs of its steps, and a repeated abort finds the same ones', async () => {
    const epoch = await control.nextEpoch(migration);
    const decided = await abort();
    expect(decided).toMatchObject({ status: 'aborting', abortEpoch: epoch + 1, epoch: epoch + 3 });
    expect(await control.nextEpoch(migration)).toBe(epoch + 4);
    expect(await record()).toMatchObject({ abortEpoch: epoch + 1 });
  });

  test.each([
    ['an epoch was used', () => control.nextEpoch(migration)],
    ['an attempt was intended', intend],
    ['another abort was decided', abort],
    [
      'the migration was resumed',
      async () => control.takeOver(await record(), 'second', { runStartedAt: '2026-01-01T00:00:01.000Z' }),
    ],
    ['another generation started', async () => control.takeOver(await record(), 'second', { generation: 2 })],
  ])('is refused if %s since the record was read', async (_, happens) => {
    const seen = await record();
    await happens();
    const before = await record();
    expect(await control.decideAbort(seen, 'a test says so')).toBeNull();
    expect(await record()).toEqual(before);
  });

  test('is completed only under its own epoch and generation', async () => {
    await abort();
    await expect(control.setAborted(migration, 1, 2)).rejects.toThrow(/not being aborted under epoch 2/);
    await expect(control.setAborted(migration, 2, 1)).rejects.toThrow(/generation 2/);
    expect(await record()).toMatchObject({ status: 'aborting' });
  });
});

describe.each([
  [
    'no format',
    undefined,
    /has no format number.*Finish or abort it with the version of Sluice that started it/,
  ],
  ['a later format', 99, /has format 99.*Deploy the version of Sluice that wrote it/],
])('a record with %s', (_, format, message) => {
  test('is refused wherever it is read, and nothing writes to it', async () => {
    const Item = {
      ...{ pk: migration, sk: 'migration', generation: 1, status: 'running', stage: 'plan', format },
      ...{ writes: 'fenced#7', epoch: 9, owner: 'first', reason: null, salt: '00', fenceDeadline: null },
    };
    await table.client.send(new PutCommand({ TableName: TABLE_NAME, Item }));
    for (const reading of [
      () => control.record(migration),
      () => control.report(migration),
      () => control.finishStage(migration, 1, 'seal'),
    ]) {
      await expect(reading()).rejects.toBeInstanceOf(UnknownFormat);
      await expect(reading()).rejects.toThrow(message);
    }
  });
});

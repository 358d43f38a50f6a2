/** A person's adoption replaces what an earlier abort had decided; the definition of a known generation stays frozen. */
import { ControlTable } from '../../src/adapters/dynamodb/control-table';
import { WrongState } from '../../src/core/errors';
import type { AdoptedRecord } from '../../src/core/ownership/ports';
import { startControlTable, TABLE_NAME, type TestControlTable } from '../support/control-table';
import { generationStart } from '../support/generation-start';

let table: TestControlTable;
let control: ControlTable;
beforeAll(async () => {
  table = await startControlTable();
  control = new ControlTable(table.client, TABLE_NAME);
});
afterAll(() => table.stop());

const START = generationStart('cdc');
const adopted = (generation: number): AdoptedRecord => ({
  ...{ generation, direction: 'forward', status: 'held', stage: null, writes: 'source' },
  ...{ epoch: 1_000, captureLost: 'void', reason: 'Ada adopted the migration' },
});

/** A migration whose abort was decided, and its live settings changed before that. */
async function aborting(migration: string) {
  await control.create(migration, 'execution-1', START);
  await control.override(await control.recordOrFail(migration), { 'throttle.copiersMax': 3 });
  const seen = await control.decideAbort(await control.recordOrFail(migration), 'too slow');
  expect(seen?.abortEpoch).not.toBeNull();
  return seen!;
}

test('a known generation keeps its definition, code and settings, and loses its decided abort', async () => {
  const seen = await aborting('known');
  expect(await control.adoptions.decide(seen, adopted(1), null)).toBe(true);
  const record = await control.recordOrFail('known');
  const { definition, code, stages, installed, overrides } = seen;
  expect(record).toMatchObject({ ...adopted(1), definition, code, stages, installed, overrides });
  expect(record).toMatchObject({ abortEpoch: null, adoption: { epoch: 1_000, finished: false } });
  await expect(control.setAborted('known', 1, seen.abortEpoch!)).rejects.toThrow(WrongState);
});

test('another generation starts with its own definition, and with nothing of the one before', async () => {
  const seen = await aborting('other');
  const start = { ...START, definition: { hash: '1'.repeat(64), parts: 2 }, code: 'unknown' };
  expect(await control.adoptions.decide(seen, adopted(2), start)).toBe(true);
  expect(await control.recordOrFail('other')).toMatchObject({
    ...adopted(2),
    ...start,
    ...{ abortEpoch: null, overrides: {}, overridesRevision: 0, differences: null },
  });
});

test('a record of a migration that the ledger does not know has every attribute of one that a run created', async () => {
  await control.create('started', 'execution-1', START);
  expect(await control.adoptions.create('recreated', adopted(4), START)).toBe(true);
  const [started, recreated] = [
    await control.recordOrFail('started'),
    await control.recordOrFail('recreated'),
  ];
  expect(Object.keys(recreated).sort()).toEqual(Object.keys(started).sort());
  expect(await control.adoptions.create('started', adopted(4), START)).toBe(false);
});

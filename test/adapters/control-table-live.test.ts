/** The ledger of live sync: claims, comparisons and losses. Conditions decide; late calls change nothing. */
import { ControlTable } from '../../src/adapters/dynamodb/control-table';
import { FencedOut } from '../../src/core/errors';
import type { Layout } from '../../src/core/layout';
import type { MigrationRecord } from '../../src/core/ledger';
import { startControlTable, TABLE_NAME, type TestControlTable } from '../support/control-table';
import { generationStart } from '../support/generation-start';

let table: TestControlTable;
let control: ControlTable;
let migrations = 0;
let migration: string;

const LAYOUT: Layout = {
  from: { schema: 'shop', name: 't' },
  to: { schema: 'shop', name: 't' },
  wide: false,
  where: null,
  columns: [],
  key: [],
  identity: [],
  uniques: [],
  partitions: 4,
  foreignKeys: [],
  sequences: [],
};
const PROGRESS = { pages: 1, rows: 10, bytes: 100, skipped: 0 };
const DIGEST = { rows: 1, checksum: '1:2' };
const DIGESTS = { source: DIGEST, target: DIGEST };
const REFUSAL = { sqlState: '23514', constraint: 'c' };

beforeAll(async () => {
  table = await startControlTable();
  control = new ControlTable(table.client, TABLE_NAME);
});
afterAll(() => table.stop());
beforeEach(async () => {
  migrations += 1;
  migration = `move-${migrations}`;
  await control.create(migration, 'first', generationStart('cdc'));
  await control.chunks.plan(migration, 1, {
    table: 'shop.t',
    chunks: 12,
    rowsEstimated: 1_200,
    layout: LAYOUT,
  });
});

const id = (chunk: number) => ({ migration, generation: 1, table: 'shop.t', chunk });
const record = (chunk: number) => control.chunks.list(migration, 1).then((chunks) => chunks[chunk]!);

describe('chunks with concurrent appliers', () => {
  const equalAt = (touches: number) =>
    control.chunks.compared(id(0), 'equal', DIGESTS, 0, touches).then(() => record(0));

  test('after the last key are created closed, as if by a first claim', async () => {
    const live = { table: 'shop.live', chunks: 3, rowsEstimated: 0, layout: LAYOUT };
    await control.chunks.plan(migration, 1, live, [2]);
    const planned = (await control.chunks.list(migration, 1)).filter(
      ({ table: name }) => name === 'shop.live',
    );
    expect(planned.map(({ state, token }) => [state, token])).toEqual([
      ['planned', 0],
      ['planned', 0],
      ['closed', 1],
    ]);
    expect(await control.chunks.claim({ ...id(2), table: 'shop.live' })).toBeNull();
  });

  test('that are still to be copied are not closed by a late planner', async () => {
    const again = { table: 'shop.t', chunks: 12, rowsEstimated: 0, layout: LAYOUT };
    await control.chunks.plan(migration, 1, again, [11]);
    expect(await record(11)).toMatchObject({ state: 'planned', token: 0 });
  });

  test('are equal as of a number of touches, which a copy or another comparison resets', async () => {
    const first = (await control.chunks.claim(id(0)))!.chunk;
    await control.chunks.close(first, PROGRESS);
    expect(await equalAt(7)).toMatchObject({ comparison: 'equal', equalAt: 7 });
    await control.chunks.compareAgain(id(0));
    expect(await record(0)).toMatchObject({ comparison: 'unknown', equalAt: null });
    await equalAt(8);
    await control.chunks.compared(id(0), 'unequal', DIGESTS, 0);
    expect(await record(0)).toMatchObject({ comparison: 'unequal', equalAt: null });
    await equalAt(9);
    await control.chunks.reopen(id(0), { reopened: 1, recopied: true });
    expect(await record(0)).toMatchObject({ state: 'planned', equalAt: null });
  });
});

describe('partitions', () => {
  const partition = { table: 'shop.t', partition: 2 };
  const which = () => ({ migration, generation: 1, ...partition });
  const PASS = {
    passedAt: '2026-11-22T10:00:00.000Z',
    lagMs: 40,
    pending: 3,
    applied: 5,
    retries: 1,
    refused: 1,
  };

  test('claimed concurrently give each claim its own token, and start with zero counts', async () => {
    const claims = await Promise.all(Array.from({ length: 8 }, () => control.partitions.claim(which())));
    expect(claims.map(({ token }) => token).sort()).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(await control.partitions.list(migration, 1)).toEqual([
      { ...partition, token: 8, passedAt: null, lagMs: 0, pending: 0, applied: 0, retries: 0, refused: 0 },
    ]);
  });

  test('are written only by their latest claim, and keep their counts over claims', async () => {
    const older = await control.partitions.claim(which());
    await control.partitions.passed(which(), older.token, PASS);
    const newer = await control.partitions.claim(which());
    expect(newer).toEqual({ ...partition, token: 2, ...PASS });
    await expect(
      control.partitions.passed(which(), older.token, { ...PASS, applied: 0 }),
    ).rejects.toBeInstanceOf(FencedOut);
    expect(await control.partitions.list(migration, 1)).toEqual([newer]);
  });

  test('belong to their generation', async () => {
    await control.partitions.claim(which());
    expect(await control.partitions.list(migration, 2)).toEqual([]);
  });

  test('list the rows that are refused now, in addition to those of chunks', async () => {
    const { chunk } = (await control.chunks.claim(id(2)))!;
    await control.chunks.reportRow(chunk, 'cc', { kind: 'other', ...REFUSAL });
    const refused = (hashedKey: string) => ({ table: 'shop.t', chunk: null, hashedKey, ...REFUSAL });
    const now = async () =>
      (await control.chunks.problems(migration, 1)).map(({ hashedKey, chunk: of }) => [hashedKey, of]);
    await control.partitions.reportRefused(which(), [refused('aa'), refused('bb')]);
    expect(await now()).toEqual([
      ['cc', 2],
      ['aa', null],
      ['bb', null],
    ]);
    await control.partitions.reportRefused(which(), [refused('bb'), refused('dd')]);
    expect((await now()).map(([hashedKey]) => hashedKey)).toEqual(['cc', 'bb', 'dd']);
    await control.partitions.reportRefused(which(), []);
    expect(await now()).toEqual([['cc', 2]]);
  });
});

describe('the role of sync', () => {
  const claim = async (seen: string | null, execution: string, changes: Partial<MigrationRecord> = {}) =>
    control.claimSync({ ...(await control.recordOrFail(migration)), sync: seen, ...changes }, execution);
  const sync = async () => (await control.recordOrFail(migration)).sync;

  test('goes to one of many callers, and then only from the execution that was seen', async () => {
    const won = await Promise.all(['a', 'b', 'c', 'd'].map((execution) => claim(null, execution)));
    expect(won.filter(Boolean)).toHaveLength(1);
    const holder = (await sync())!;
    expect(await claim(null, 'e')).toBe(false);
    expect(await claim(holder, 'e')).toBe(true);
    expect(await sync()).toBe('e');
  });

  test('can be claimed while a migration is held, not once it is aborted, flipped, of another generation or other code', async () => {
    expect(await claim(null, 'a', { generation: 2 })).toBe(false);
    expect(await claim(null, 'a', { code: 'other code' })).toBe(false);
    await control.release(migration, 'first', 'held', 'a reason');
    expect(await claim(null, 'a')).toBe(true);
    await control.setWrites({ migration: migration, generation: 1, writes: 'source' }, 'target', ['held']);
    expect(await claim('a', 'b')).toBe(false);
    await control.setWrites({ migration: migration, generation: 1, writes: 'target' }, 'source', ['held']);
    await control.decideAbort(await control.recordOrFail(migration), 'a test says so');
    expect(await claim('a', 'b')).toBe(false);
    await control.setAborted(migration, 1, 1);
    expect(await sync()).toBeNull();
  });

  test('can be claimed in reverse until the source takes the writes', async () => {
    const changes = { direction: 'reverse', writes: 'target' } as const;
    await control.takeOver(await control.recordOrFail(migration), 'first', changes);
    expect(await claim(null, 'a')).toBe(true);
    await control.setWrites({ migration: migration, generation: 1, writes: 'target' }, 'source', ['running']);
    expect(await claim('a', 'b')).toBe(false);
  });
});

describe('a lost capture', () => {
  const lost = async () => (await control.recordOrFail(migration)).captureLost;

  test('is recorded once, with its first reason', async () => {
    expect(await control.recordCaptureLoss(migration, 1, 'forward', 'TRUNCATE')).toBe(true);
    expect(await control.recordCaptureLoss(migration, 1, 'forward', 'TRUNCATE')).toBe(false);
    expect(await control.recordCaptureLoss(migration, 1, 'forward', 'something that came of it')).toBe(false);
    expect(await lost()).toBe('TRUNCATE');
  });

  test('is not recorded after the generation ended, or once the target takes the writes', async () => {
    expect(await control.recordCaptureLoss(migration, 2, 'forward', 'late')).toBe(false);
    await control.setWrites({ migration: migration, generation: 1, writes: 'source' }, 'target', ['running']);
    expect(await control.recordCaptureLoss(migration, 1, 'forward', 'late')).toBe(false);
    expect(await lost()).toBeNull();
  });

  test('of the target is recorded in reverse, until the source takes the writes', async () => {
    await control.setWrites({ migration: migration, generation: 1, writes: 'source' }, 'target', ['running']);
    expect(await control.recordCaptureLoss(migration, 1, 'reverse', 'TRUNCATE')).toBe(true);
    expect(await lost()).toBe('TRUNCATE');
  });
});

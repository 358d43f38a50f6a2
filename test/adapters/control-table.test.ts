/** The ledger's guarantees: conditions on single items decide, and late or repeated calls change nothing. */
import { GetCommand } from '@aws-sdk/lib-dynamodb';
import { ControlTable } from '../../src/adapters/dynamodb/control-table';
import { FencedOut, InconsistentLedger, WrongState } from '../../src/core/errors';
import type { Layout } from '../../src/core/layout';
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
  await control.create(migration, 'first', generationStart('offline'));
  await control.chunks.plan(migration, 1, {
    table: 'shop.t',
    chunks: 12,
    rowsEstimated: 1_200,
    layout: LAYOUT,
  });
});

const id = (chunk: number) => ({ migration, generation: 1, table: 'shop.t', chunk });
const record = (chunk: number) => control.chunks.list(migration, 1).then((chunks) => chunks[chunk]!);

test('every reader of a control table reads the same owner, although several create it at once', async () => {
  const fresh = await startControlTable();
  const readers = Array.from({ length: 8 }, () => new ControlTable(fresh.client, TABLE_NAME));
  const owners = await Promise.all(readers.map((reader) => reader.owner()));
  await fresh.stop();
  expect(owners[0]).toMatch(/^[0-9a-f]{16}$/);
  expect(new Set(owners).size).toBe(1);
  expect(owners).not.toContain(await control.owner());
});

describe('chunks', () => {
  test('are listed in order, each untouched', async () => {
    const chunks = await control.chunks.list(migration, 1);
    expect(chunks.map(({ chunk }) => chunk)).toEqual([...Array(12).keys()]);
    expect(chunks[11]).toEqual({
      table: 'shop.t',
      chunk: 11,
      state: 'planned',
      token: 0,
      stalled: 0,
      reopened: 0,
      recopied: false,
      pages: 0,
      rows: 0,
      bytes: 0,
      skipped: 0,
      comparison: 'unknown',
      source: null,
      target: null,
      orphans: 0,
      failure: null,
      equalAt: null,
    });
    expect(await control.chunks.table(migration, 1, 'shop.t')).toEqual({
      table: 'shop.t',
      chunks: 12,
      rowsEstimated: 1_200,
      layout: LAYOUT,
    });
    expect(await control.chunks.list(migration, 2)).toEqual([]);
  });

  test('claimed concurrently give each claim its own token', async () => {
    const claims = await Promise.all(Array.from({ length: 10 }, () => control.chunks.claim(id(3))));
    expect(claims.map((claim) => claim!.chunk.token).sort((a, b) => a - b)).toEqual([
      1, 2, 3, 4, 5, 6, 7, 8, 9, 10,
    ]);
    expect(await record(3)).toMatchObject({ state: 'open', token: 10, stalled: 10 });
  });

  test('that are closed cannot be claimed, and those that are missing are an error', async () => {
    const claim = await control.chunks.claim(id(0));
    await control.chunks.close(claim!.chunk, PROGRESS);
    expect(await control.chunks.claim(id(0))).toBeNull();
    await expect(control.chunks.claim(id(12))).rejects.toBeInstanceOf(FencedOut);
    expect(await control.chunks.list(migration, 1)).toHaveLength(12);
  });

  test('are written only by their latest claim', async () => {
    const older = (await control.chunks.claim(id(0)))!.chunk;
    const newer = (await control.chunks.claim(id(0)))!.chunk;
    await expect(control.chunks.checkpoint(older, PROGRESS)).rejects.toBeInstanceOf(FencedOut);
    await expect(control.chunks.close(older, PROGRESS)).rejects.toBeInstanceOf(FencedOut);
    await control.chunks.fail(older, 'Zombie');
    expect(await record(0)).toMatchObject({ state: 'open', rows: 0, failure: null, stalled: 2 });
    await control.chunks.checkpoint(newer, PROGRESS);
    expect(await record(0)).toMatchObject({ rows: 10, stalled: 0 });
    await control.chunks.close(newer, PROGRESS);
    await expect(control.chunks.checkpoint(newer, PROGRESS)).rejects.toBeInstanceOf(FencedOut);
    expect(await record(0)).toMatchObject({ state: 'closed' });
  });

  test('reopened keep their token, lose their results, and are reopened only for a newer attempt', async () => {
    const { chunk } = (await control.chunks.claim(id(0)))!;
    await control.chunks.reportRow(chunk, 'aa', { kind: 'other', ...REFUSAL });
    await control.chunks.close(chunk, { ...PROGRESS, skipped: 1 });
    await control.chunks.compared(id(0), 'unequal', DIGESTS, 3);
    expect(await control.chunks.reopen(id(0), { reopened: 1, recopied: true })).toBe(true);
    expect(await record(0)).toMatchObject({
      state: 'planned',
      token: 1,
      rows: 0,
      skipped: 0,
      comparison: 'unknown',
      source: null,
      orphans: 0,
      reopened: 1,
      recopied: true,
    });
    expect(await control.chunks.problems(migration, 1)).toEqual([]);

    const again = (await control.chunks.claim(id(0)))!;
    expect(again).toMatchObject({ chunk: { token: 2 }, record: { reopened: 1 } });
    await control.chunks.close(again.chunk, PROGRESS);
    expect(await control.chunks.reopen(id(0), { reopened: 1, recopied: true })).toBe(false);
    expect(await record(0)).toMatchObject({ state: 'closed' });
  });

  test('that no copier claimed need not be reopened', async () => {
    expect(await control.chunks.reopen(id(0), { reopened: 1, recopied: true })).toBe(false);
    expect(await record(0)).toMatchObject({ state: 'planned', reopened: 0 });
  });

  test('report a refused row once, however often it is refused', async () => {
    const { chunk } = (await control.chunks.claim(id(0)))!;
    await control.chunks.reportRow(chunk, 'aa', { kind: 'other', ...REFUSAL });
    await control.chunks.reportRow(chunk, 'aa', { kind: 'other', ...REFUSAL });
    await control.chunks.reportRow(chunk, 'bb', { kind: 'other', sqlState: null, constraint: null });
    expect(await control.chunks.problems(migration, 1)).toEqual([
      { table: 'shop.t', chunk: 0, hashedKey: 'aa', ...REFUSAL },
      { table: 'shop.t', chunk: 0, hashedKey: 'bb', sqlState: null, constraint: null },
    ]);
  });

  test('count comparisons that do not end', async () => {
    const { chunk } = (await control.chunks.claim(id(0)))!;
    await expect(control.chunks.startComparison(id(0))).rejects.toBeInstanceOf(FencedOut);
    await control.chunks.close(chunk, PROGRESS);
    await control.chunks.startComparison(id(0));
    await control.chunks.startComparison(id(0));
    expect((await record(0)).stalled).toBe(2);
    await control.chunks.compared(id(0), 'equal', DIGESTS, 0);
    expect(await record(0)).toMatchObject({ stalled: 0, comparison: 'equal', source: DIGEST });
  });
});

describe('the record', () => {
  test('assigns a different epoch to every caller', async () => {
    const epochs = await Promise.all(Array.from({ length: 20 }, () => control.nextEpoch(migration)));
    expect(new Set(epochs).size).toBe(20);
    expect(Math.max(...epochs)).toBe(20);
    await expect(control.nextEpoch('unknown')).rejects.toBeInstanceOf(InconsistentLedger);
    expect(await control.record('unknown')).toBeNull();
  });

  test('advances its stage, and never moves back', async () => {
    await control.finishStage(migration, 1, 'plan');
    await control.finishStage(migration, 1, 'prepare');
    expect((await control.recordOrFail(migration)).stage).toBe('plan');
    await expect(control.finishStage(migration, 2, 'seal')).rejects.toBeInstanceOf(WrongState);
    await control.release(migration, 'first', 'held', 'a reason');
    await expect(control.finishStage(migration, 1, 'seal')).rejects.toBeInstanceOf(WrongState);
  });

  test('changes its writes only from the value seen, and in the statuses that allow it', async () => {
    expect(
      await control.setWrites({ migration: migration, generation: 1, writes: 'source→target#1' }, 'target', [
        'running',
      ]),
    ).toBe(false);
    expect(
      await control.setWrites({ migration: migration, generation: 1, writes: 'source' }, 'source→target#1', [
        'held',
        'aborting',
      ]),
    ).toBe(false);
    expect(
      await control.setWrites({ migration: migration, generation: 1, writes: 'source' }, 'source→target#1', [
        'held',
        'running',
      ]),
    ).toBe(true);
    const outcomes = await Promise.all([
      control.setWrites({ migration: migration, generation: 1, writes: 'source→target#1' }, 'target', [
        'running',
      ]),
      control.setWrites({ migration: migration, generation: 1, writes: 'source→target#1' }, 'source', [
        'running',
      ]),
      control.setWrites({ migration: migration, generation: 1, writes: 'source→target#1' }, 'target', [
        'running',
      ]),
    ]);
    expect(outcomes.filter((won) => won)).toHaveLength(1);
  });

  test('is released only by its owner', async () => {
    expect(await control.release(migration, 'second', 'held', 'x')).toBe(false);
    expect(await control.release(migration, 'first', 'held', 'x')).toBe(true);
    expect(await control.release(migration, 'first', 'held', 'y')).toBe(false);
    expect(await control.recordOrFail(migration)).toMatchObject({
      execution: null,
      status: 'held',
      reason: 'x',
    });
  });

  test('becomes aborted only while it is aborting', async () => {
    await expect(control.setAborted(migration, 1, 1)).rejects.toBeInstanceOf(WrongState);
  });

  test('accepts a stage that was finished under a fence only while that fence is the latest', async () => {
    await control.setWrites({ migration: migration, generation: 1, writes: 'source' }, 'source→target#1', [
      'running',
    ]);
    await control.setWrites(
      { migration: migration, generation: 1, writes: 'source→target#1' },
      'source',
      ['running'],
      { stage: 'plan' },
    );
    await control.setWrites({ migration: migration, generation: 1, writes: 'source' }, 'source→target#2', [
      'running',
    ]);
    await expect(control.finishStage(migration, 1, 'verify', 'source→target#1')).rejects.toBeInstanceOf(
      WrongState,
    );
    expect((await control.recordOrFail(migration)).stage).toBe('plan');
    await control.finishStage(migration, 1, 'verify', 'source→target#2');
    expect((await control.recordOrFail(migration)).stage).toBe('verify');
  });

  test('of a resumed migration starts with new counts of fences and rounds', async () => {
    await control.recordRound(migration);
    expect(await control.recordRound(migration)).toBe(2);
    await control.setWrites(
      { migration: migration, generation: 1, writes: 'source' },
      'source',
      ['running'],
      { fencesCancelled: 5 },
    );
    await control.release(migration, 'first', 'held', 'a reason');
    await control.takeOver(await control.recordOrFail(migration), 'second');
    expect(await control.recordOrFail(migration)).toMatchObject({ fencesCancelled: 0, comparisonRounds: 0 });
  });

  test('is created once', async () => {
    expect(await control.create(migration, 'second', generationStart('offline'))).toBe(false);
    expect((await control.recordOrFail(migration)).execution).toBe('first');
  });

  test('is reported with its tables, problems and latest decisions', async () => {
    await control.journal.append(migration, 1, 'started');
    const { chunk } = (await control.chunks.claim(id(0)))!;
    await control.chunks.reportRow(chunk, 'aa', { kind: 'other', ...REFUSAL });
    await control.chunks.close(chunk, { pages: 2, rows: 90, bytes: 900, skipped: 1 });
    await control.chunks.compared(
      id(0),
      'unequal',
      { source: { rows: 91, checksum: '5:-7' }, target: { rows: 90, checksum: '4:0' } },
      0,
    );
    const report = await control.report(migration);
    expect(report!.tables).toEqual([
      {
        table: 'shop.t',
        chunks: 12,
        chunksClosed: 1,
        chunksEqual: 0,
        chunksUnequal: 1,
        rowsEstimated: 1_200,
        rowsCopied: 90,
        bytesCopied: 900,
        skipped: 1,
        source: { rows: 91, checksum: '5:-7' },
        target: { rows: 90, checksum: '4:0' },
      },
    ]);
    expect(report!.problems).toHaveLength(1);
    expect(report!.journal.map(({ event }) => event)).toEqual(['started']);
    expect(await control.report('unknown')).toBeNull();
  });
});

test('a route is replaced only by a newer one', async () => {
  const route = async () => {
    const Key = { pk: migration, sk: 'route' };
    return (await table.client.send(new GetCommand({ TableName: TABLE_NAME, Key, ConsistentRead: true })))
      .Item;
  };
  await control.setRoute(migration, 'target', 7);
  await control.setRoute(migration, 'source', 6);
  expect(await route()).toMatchObject({ reads: 'target', writes: 'target', epoch: 7 });
  await control.setRoute(migration, 'source', 8);
  expect(await route()).toMatchObject({ writes: 'source', epoch: 8 });
});

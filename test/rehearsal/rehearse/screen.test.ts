import {
  addSample,
  duration,
  progressLines,
  progressSummary,
  rateOf,
  RATE_WINDOW_MS,
  sampleOf,
  type Sample,
  type MigrationProgress,
} from '../../../src/rehearsal/screen/progress';
import { Screen } from '../../../src/rehearsal/screen/screen';
import { formatTable } from '../../../src/rehearsal/screen/format-table';

const progressAt = (rowsCopied: number, chunksClosed = 0): MigrationProgress => ({
  shape: 'offline',
  status: 'running',
  stage: 'plan',
  tables: [
    { table: 'shop.orders', chunks: 4, chunksClosed, chunksEqual: 0, rowsEstimated: 20_000, rowsCopied },
    { table: 'shop.lines', chunks: 1, chunksClosed: 1, chunksEqual: 1, rowsEstimated: 90, rowsCopied: 100 },
  ],
});

const samplesOf = (...positions: [number, number][]): Sample[] =>
  positions.reduce<Sample[]>(
    (samples, [atMs, rows]) => addSample(samples, sampleOf(progressAt(rows), atMs)),
    [],
  );

test('shows a bar, the rate and the remaining time', () => {
  const lines = progressLines(progressAt(10_000), samplesOf([0, 0], [1_000, 10_000]), 100);
  expect(lines).toEqual([
    'running, stage: backfill (5 of 9)',
    'shop.orders ▕███████████████               ▏  50 %  10,000 rows  10,000 rows/s, 1 s left',
    'shop.lines  ▕██████████████████████████████▏ 100 %  100 rows  copied, 1/1 chunks equal',
  ]);
});

test('does not show a table as complete because its estimate is too small', () => {
  const [, orders] = progressLines(progressAt(30_000, 3), samplesOf([0, 0], [1_000, 30_000]), 100);
  expect(orders).toContain(' 99 %');
});

test.each([20, 40, 60, 80, 200])('no line is longer than %i columns', (columns) => {
  const lines = progressLines(progressAt(10_000), samplesOf([0, 0], [1_000, 10_000]), columns);
  expect(Math.max(...lines.map((line) => Array.from(line).length))).toBeLessThanOrEqual(columns);
});

test('the rate covers the window, not the whole run', () => {
  const samples = samplesOf([0, 0], [1_000, 90_000], [10_000, 90_000], [10_000 + RATE_WINDOW_MS, 95_000]);
  expect(rateOf('shop.orders', samples)).toBe(1_000);
  expect(rateOf('shop.orders', samplesOf([0, 5]))).toBe(0);
});

test('formats one line for a log', () => {
  expect(progressSummary(progressAt(1_234), samplesOf([0, 234], [1_000, 1_234]))).toBe(
    'running, stage: backfill (5 of 9); 1,334 rows copied, 1,000 rows/s; 1 of 5 chunks copied, 1 compared and equal',
  );
});

test('the line does not mention rows before there are chunks', () => {
  const planned = { ...progressAt(0), stage: 'prepare' as const };
  const tables = planned.tables.map((table) => ({ ...table, chunks: 0 }));
  expect(progressSummary({ ...planned, tables }, [])).not.toMatch(/rows|chunks/);
});

test('a live migration shows the lag of sync and the side of the writers', () => {
  const live: MigrationProgress = {
    ...progressAt(10_000),
    sync: { lagMs: 1_240, pending: 3_210, applied: 45_678 },
    writers: { acknowledged: 12_345, side: 'source' },
  };
  const [sync, writers] = [
    'sync: 3,210 dirty keys, lag 1.2 s, 45,678 applied',
    'writers: 12,345 transactions, now at the source',
  ];
  expect(progressLines(live, [], 100).slice(-2)).toEqual([sync, writers]);
  expect(progressSummary(live, [])).toMatch(new RegExp(`; ${sync}; ${writers}$`));
});

test('redraws a terminal, and prints a line to a log every few seconds', () => {
  const drawn: string[] = [];
  const terminal = new Screen({ line: () => undefined, draw: (text) => drawn.push(text), columns: 80 });
  terminal.show(progressAt(0), 0);
  terminal.show(progressAt(10), 500);
  expect(drawn[0]).not.toContain('\x1b[3A');
  expect(drawn[1]).toContain('\x1b[3A');

  const lines: string[] = [];
  const log = new Screen({ line: (text) => lines.push(text), columns: 80 });
  for (let atMs = 0; atMs <= 6_000; atMs += 500) log.show(progressAt(atMs), atMs);
  expect(lines).toHaveLength(3);
});

test('formats durations and tables', () => {
  expect([0.2, 59, 61, 3_700].map(duration)).toEqual(['1 s', '59 s', '2 min', '1 h 2 min']);
  expect(
    formatTable(
      ['table', 'rows'],
      [
        ['a', '1'],
        ['longer', '10,000'],
      ],
    ),
  ).toEqual(['table     rows', 'a            1', 'longer  10,000']);
});

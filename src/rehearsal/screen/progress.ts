/** Progress as text: one line per table, from what the ledger says. No clock, no terminal. */

import type { Shape, Stage } from '../../contract/lifecycle';
import { stageText } from '../../contract/lifecycle/stage-text';
import type { Side } from '../../contract/sides';

export interface TableStand {
  readonly table: string;
  readonly chunks: number;
  readonly chunksClosed: number;
  readonly chunksEqual: number;
  readonly rowsEstimated: number;
  readonly rowsCopied: number;
}

export interface SyncStatus {
  readonly shape: Shape;
  /** Last finished stage, or null. */
  readonly stage: Stage | null;
  readonly status: string;
  readonly tables: readonly TableStand[];
  /** Of a live migration, once changes are applied. */
  readonly sync?: SyncStand | null;
  readonly writers?: WritersStand | null;
}

export interface SyncStand {
  /** Age of the oldest key that may be applied. */
  readonly lagMs: number;
  /** Keys that are dirty, those of chunks that are still copied included. */
  readonly pending: number;
  readonly applied: number;
}

export interface WritersStand {
  /** Transactions. */
  readonly acknowledged: number;
  readonly side: Side;
}

/** Rows copied by a moment; two of them make a rate. */
export interface Sample {
  readonly atMs: number;
  readonly rows: ReadonlyMap<string, number>;
}

const BAR_WIDTH_MAX = 30;
const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/** Rates are taken over this long, so that they neither jump nor lag. */
export const RATE_WINDOW_MS = 5_000;

export const sampleOf = (stand: SyncStatus, atMs: number): Sample => ({
  atMs,
  rows: new Map(stand.tables.map(({ table, rowsCopied }) => [table, rowsCopied])),
});

/** Keeps what a rate over the window needs. */
export function addSample(samples: readonly Sample[], sample: Sample): Sample[] {
  const all = [...samples, sample];
  const first = all.findLastIndex(({ atMs }) => atMs <= sample.atMs - RATE_WINDOW_MS);
  return all.slice(Math.max(first, 0));
}

/** Lines for the screen, none longer than `columns`. */
export function progressLines(stand: SyncStatus, samples: readonly Sample[], columns: number): string[] {
  const nameWidth = Math.max(0, ...stand.tables.map(({ table }) => table.length));
  const lines = stand.tables.map((table) =>
    tableLine(table, nameWidth, rateOf(table.table, samples), columns),
  );
  return [
    `${stand.status}, stage: ${stageText(stand.shape, stand.stage)}`,
    ...lines,
    ...liveLines(stand),
  ].map((line) => Array.from(line).slice(0, columns).join(''));
}

function liveLines({ sync, writers }: SyncStatus): string[] {
  return [
    ...(sync
      ? [
          `sync: ${grouped(sync.pending)} keys wait, lag ${(sync.lagMs / 1000).toFixed(1)} s, ${grouped(sync.applied)} applied`,
        ]
      : []),
    ...(writers ? [`writers: ${grouped(writers.acknowledged)} transactions, at the ${writers.side}`] : []),
  ];
}

/** One line for a log. */
export function progressSummary(stand: SyncStatus, samples: readonly Sample[]): string {
  const total = (of: (table: TableStand) => number) =>
    stand.tables.reduce((sum, table) => sum + of(table), 0);
  const rate = stand.tables.reduce((sum, { table }) => sum + rateOf(table, samples), 0);
  const [copied, compared, chunks] = [
    total(({ chunksClosed }) => chunksClosed),
    total(({ chunksEqual }) => chunksEqual),
    total((table) => table.chunks),
  ];
  const rows = `${grouped(total(({ rowsCopied }) => rowsCopied))} rows copied`;
  const live = liveLines(stand).map((line) => `; ${line}`);
  return `${stand.status}, stage: ${stageText(stand.shape, stand.stage)}; ${rows}, ${grouped(rate)} rows/s; of ${chunks} chunks ${copied} copied, ${compared} equal${live.join('')}`;
}

function tableLine(table: TableStand, nameWidth: number, rate: number, columns: number): string {
  const { chunks, chunksClosed, chunksEqual, rowsCopied, rowsEstimated } = table;
  const copied = chunks > 0 && chunksClosed === chunks;
  // The number of rows is an estimate; only closed chunks make a table whole.
  const share = copied ? 1 : Math.min(0.99, rowsEstimated > 0 ? rowsCopied / rowsEstimated : 0);
  const left =
    copied || rate <= 0 ? '' : `, ${duration(Math.max(0, rowsEstimated - rowsCopied) / rate)} left`;
  const state = copied ? `copied, ${chunksEqual}/${chunks} equal` : `${grouped(rate)} rows/s${left}`;
  const text = ` ${String(Math.floor(share * 100)).padStart(3)} %  ${grouped(rowsCopied)} rows  ${state}`;
  const width = Math.min(BAR_WIDTH_MAX, columns - nameWidth - text.length - 3);
  return width < 5
    ? `${table.table.padEnd(nameWidth)} ${text}`
    : `${table.table.padEnd(nameWidth)} ▕${barOf(share, width)}▏${text}`;
}

function barOf(share: number, width: number): string {
  const eighths = Math.round(share * width * 8);
  return ('█'.repeat(Math.floor(eighths / 8)) + (EIGHTHS[eighths % 8] ?? '')).padEnd(width);
}

/** Rows per second of a table over the samples kept; 0 if there is only one. */
export function rateOf(table: string, samples: readonly Sample[]): number {
  const [first, last] = [samples[0], samples.at(-1)];
  if (first === undefined || last === undefined || last.atMs <= first.atMs) return 0;
  const rows = (last.rows.get(table) ?? 0) - (first.rows.get(table) ?? 0);
  return Math.max(0, (rows / (last.atMs - first.atMs)) * 1000);
}

export const grouped = (value: number): string => String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ',');

export function duration(seconds: number): string {
  if (seconds < 60) return `${Math.ceil(seconds)} s`;
  const minutes = Math.ceil(seconds / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

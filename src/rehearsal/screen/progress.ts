/** Formats the progress that the ledger reports, one line per table. Uses neither a clock nor a terminal. */

import type { Shape, Stage } from '../../contract/lifecycle';
import { stageText } from '../../contract/lifecycle/stage-text';
import type { Side } from '../../contract/sides';

export interface TableProgress {
  readonly table: string;
  readonly chunks: number;
  readonly chunksClosed: number;
  readonly chunksEqual: number;
  readonly rowsEstimated: number;
  readonly rowsCopied: number;
}

export interface MigrationProgress {
  readonly shape: Shape;
  /** Last finished stage, or null. */
  readonly stage: Stage | null;
  readonly status: string;
  readonly tables: readonly TableProgress[];
  /** Set only for a live migration, once changes are applied. */
  readonly sync?: SyncProgress | null;
  readonly writers?: WritersProgress | null;
}

export interface SyncProgress {
  /** Age of the oldest dirty key that may be applied. */
  readonly lagMs: number;
  /** Number of dirty keys, including those in chunks that are being copied. */
  readonly pending: number;
  readonly applied: number;
}

export interface WritersProgress {
  /** Number of committed transactions. */
  readonly acknowledged: number;
  readonly side: Side;
}

/** Rows copied until a time; two samples give a rate. */
export interface Sample {
  readonly atMs: number;
  readonly rows: ReadonlyMap<string, number>;
}

const BAR_WIDTH_MAX = 30;
const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/** Window of the rates: long enough to be steady, short enough to be current. */
export const RATE_WINDOW_MS = 5_000;

export const sampleOf = (progress: MigrationProgress, atMs: number): Sample => ({
  atMs,
  rows: new Map(progress.tables.map(({ table, rowsCopied }) => [table, rowsCopied])),
});

/** Appends a sample, and drops those that a rate over the window does not need. */
export function addSample(samples: readonly Sample[], sample: Sample): Sample[] {
  const all = [...samples, sample];
  const first = all.findLastIndex(({ atMs }) => atMs <= sample.atMs - RATE_WINDOW_MS);
  return all.slice(Math.max(first, 0));
}

/** Returns the lines for a terminal, none longer than `columns`. */
export function progressLines(
  progress: MigrationProgress,
  samples: readonly Sample[],
  columns: number,
): string[] {
  const nameWidth = Math.max(0, ...progress.tables.map(({ table }) => table.length));
  const lines = progress.tables.map((table) =>
    tableLine(table, nameWidth, rateOf(table.table, samples), columns),
  );
  return [
    `${progress.status}, stage: ${stageText(progress.shape, progress.stage)}`,
    ...lines,
    ...liveLines(progress),
  ].map((line) => Array.from(line).slice(0, columns).join(''));
}

function liveLines({ sync, writers }: MigrationProgress): string[] {
  return [
    ...(sync
      ? [
          `sync: ${grouped(sync.pending)} dirty keys, lag ${(sync.lagMs / 1000).toFixed(1)} s, ${grouped(sync.applied)} applied`,
        ]
      : []),
    ...(writers
      ? [`writers: ${grouped(writers.acknowledged)} transactions, now at the ${writers.side}`]
      : []),
  ];
}

/** Returns one line for a log. Before the plan there are no chunks, and so no rows to report. */
export function progressSummary(progress: MigrationProgress, samples: readonly Sample[]): string {
  const total = (of: (table: TableProgress) => number) =>
    progress.tables.reduce((sum, table) => sum + of(table), 0);
  const rate = progress.tables.reduce((sum, { table }) => sum + rateOf(table, samples), 0);
  const [copied, compared, chunks] = [
    total(({ chunksClosed }) => chunksClosed),
    total(({ chunksEqual }) => chunksEqual),
    total((table) => table.chunks),
  ];
  const rows = `${grouped(total(({ rowsCopied }) => rowsCopied))} rows copied, ${grouped(rate)} rows/s`;
  const copy =
    chunks === 0 ? [] : [`${rows}; ${copied} of ${chunks} chunks copied, ${compared} compared and equal`];
  return [
    `${progress.status}, stage: ${stageText(progress.shape, progress.stage)}`,
    ...copy,
    ...liveLines(progress),
  ].join('; ');
}

function tableLine(table: TableProgress, nameWidth: number, rate: number, columns: number): string {
  const { chunks, chunksClosed, chunksEqual, rowsCopied, rowsEstimated } = table;
  const copied = chunks > 0 && chunksClosed === chunks;
  // The number of rows is an estimate; a table is complete only if all of its chunks are closed.
  const share = copied ? 1 : Math.min(0.99, rowsEstimated > 0 ? rowsCopied / rowsEstimated : 0);
  const left =
    copied || rate <= 0 ? '' : `, ${duration(Math.max(0, rowsEstimated - rowsCopied) / rate)} left`;
  const state = copied ? `copied, ${chunksEqual}/${chunks} chunks equal` : `${grouped(rate)} rows/s${left}`;
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

/** Returns the rows per second of a table over the samples; 0 if there is only one sample. */
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

import { stageText } from '../contract/lifecycle/stage-text';
import { writesText } from '../contract/writes';
import type { MigrationReport, SyncProgress, TableProgress } from '../core/ledger';
import { formatTable } from '../rehearsal/screen/format-table';

/** Formats a report for people. */
export function reportText({ record, tables, sync, problems, journal }: MigrationReport): string {
  const facts: [string, string | null][] = [
    ['migration', `${record.migration}, generation ${record.generation}`],
    ['shape', record.shape],
    ['status', record.reason === null ? record.status : `${record.status}: ${record.reason}`],
    ['stage', record.status === 'aborted' ? null : stageText(record.shape, record.stage)],
    ['writes', writesText(record.writes)],
    ['execution', record.owner],
    ['fence opens', record.fenceDeadline],
    ['sync', sync === null ? null : syncText(sync)],
    ['lost', record.captureLost],
  ];
  return [
    ...facts.flatMap(([name, value]) => (value === null ? [] : [`${`${name}:`.padEnd(13)}${value}`])),
    ...(tables.length === 0 ? [] : ['', ...formatTable(HEADER, tables.map(rowOf))]),
    ...(problems.length === 0
      ? []
      : ['', `rows that the target rejected, by hashed key (${problems.length}):`]),
    ...problems.map(({ table, chunk, hashedKey, sqlState, constraint }) =>
      `  ${table}${chunk === null ? '' : `#${chunk}`} ${hashedKey} ${sqlState ?? ''} ${constraint ?? ''}`.trimEnd(),
    ),
    ...(journal.length === 0 ? [] : ['', 'journal, latest last:']),
    ...journal.map(({ number, at, event }) => `  ${number}  ${at}  ${event}`),
  ].join('\n');
}

/** Formats the progress of the appliers of all partitions. */
const syncText = ({
  partitions,
  passedAt,
  lagMs,
  pending,
  applied,
  retries,
  refused,
}: SyncProgress): string =>
  [
    passedAt === null ? `not all of its ${partitions} partitions are served` : `passed ${passedAt}`,
    `lag ${(lagMs / 1_000).toFixed(1)} s`,
    `${pending} dirty keys`,
    `${applied} applied`,
    `${retries} retries`,
    `${refused} refused`,
  ].join(', ');

const HEADER = ['table', 'chunks copied', 'equal', 'unequal', 'rows copied', 'of about', 'refused'];

const rowOf = (table: TableProgress): string[] => [
  table.table,
  `${table.chunksClosed}/${table.chunks}`,
  String(table.chunksEqual),
  String(table.chunksUnequal),
  String(table.rowsCopied),
  String(table.rowsEstimated),
  String(table.skipped),
];

import { grouped } from '../screen/progress';
import { formatTable } from '../screen/format-table';
import { isEqual, type TableVerdict } from './verdict';

const HEADER = [
  'table',
  'source rows',
  'target rows',
  'source checksum',
  'target checksum',
  'missing',
  'extra',
  'different',
  'verdict',
];

/** Formats the verdict for people. */
export function verdictText(
  tables: readonly TableVerdict[],
  doubts: readonly string[],
  notes: readonly string[],
  passed = 'every row arrived, and the target takes writes.',
): string {
  return [
    ...(tables.length === 0 ? [] : [...formatTable(HEADER, tables.map(rowOf)), '']),
    ...notes,
    doubts.length === 0 ? `PASS: ${passed}` : 'FAIL:',
    ...doubts.map((doubt) => `- ${doubt}`),
  ].join('\n');
}

const rowOf = (table: TableVerdict): string[] => [
  table.table,
  grouped(table.sourceRows),
  grouped(table.targetRows),
  short(table.sourceChecksum),
  short(table.targetChecksum),
  grouped(table.missing),
  grouped(table.extra),
  grouped(table.different),
  isEqual(table) ? 'equal' : 'FAIL',
];

const SHOWN = 12;

/** Shortens a checksum to its end, which differs whenever the checksums differ; --json shows it complete. */
const short = (checksum: string | null): string =>
  checksum === null ? '-' : checksum.length <= SHOWN ? checksum : `…${checksum.slice(-SHOWN)}`;

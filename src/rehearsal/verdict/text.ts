import { grouped } from '../screen/progress';
import { tableOf } from '../screen/table';
import { isEqual, type TableVerdict } from './verdict';

const HEADER = [
  'table',
  'rows at source',
  'at target',
  'checksum at source',
  'at target',
  'missing',
  'extra',
  'different',
  'verdict',
];

/** The verdict as a page for a person. */
export function verdictText(
  tables: readonly TableVerdict[],
  doubts: readonly string[],
  notes: readonly string[],
  passed = 'every row arrived, and the target takes writes.',
): string {
  return [
    ...(tables.length === 0 ? [] : [...tableOf(HEADER, tables.map(rowOf)), '']),
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
  isEqual(table) ? 'equal' : 'IN DOUBT',
];

const SHOWN = 12;

/** The end of a checksum distinguishes it as well as the whole; --json has all of it. */
const short = (checksum: string | null): string =>
  checksum === null ? '-' : checksum.length <= SHOWN ? checksum : `…${checksum.slice(-SHOWN)}`;

import { stageText } from '../contract/lifecycle/stage-text';
import { writesText } from '../contract/writes';
import { differenceText } from '../core/definition/definition-differences';
import type {
  DefinitionDifferences,
  MigrationRecord,
  MigrationReport,
  SyncProgress,
  TableProgress,
} from '../core/ledger';
import { formatTable } from '../rehearsal/screen/format-table';

/** Problems of a long error that are shown unless all are requested. */
const FAILURE_SHOWN_MAX = 20;

/**
 * Formats a report for people.
 * @param deployedCode code version of the last deployment
 * @param isWhole whether to show all problems of an error
 */
export function reportText(
  { record, tables, sync, problems, failure, journal }: MigrationReport,
  deployedCode: string,
  isWhole = false,
): string {
  const facts: [string, string | null][] = [
    ['migration', `${record.migration}, generation ${record.generation}`],
    ['shape', record.shape],
    ['status', statusText(record, failure)],
    ['stage', record.status === 'aborted' ? null : stageText(record.shape, record.stage)],
    ['writes', writesText(record.writes)],
    ['execution', record.execution],
    ['code', codeText(record, deployedCode)],
    ['fence opens', record.fenceDeadline],
    ['sync', sync === null || sync.partitions === 0 ? null : syncText(sync)],
    ['lost', record.captureLost],
    ['changed', overridesText(record)],
  ];
  return [
    ...facts.flatMap(([name, value]) => (value === null ? [] : [`${`${name}:`.padEnd(13)}${value}`])),
    ...failureText(record, failure, isWhole ? failure.length : FAILURE_SHOWN_MAX),
    ...notReadyText(record),
    ...noticesText(record),
    ...differencesText(record.differences).map((line) => `  ${line}`),
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

/** A reason whose problems are listed below the facts has only its first line here. */
function statusText({ status, reason }: MigrationRecord, failure: readonly string[]): string {
  if (reason === null) return status;
  return `${status}: ${failure.length === 0 ? reason : reason.split('\n', 1)[0]}`;
}

/** Problems of an error that the reason contains in part. */
const failureText = (
  { migration }: MigrationRecord,
  failure: readonly string[],
  shownMax: number,
): readonly string[] => [
  ...failure.slice(0, shownMax).map((problem) => `- ${problem}`),
  ...(failure.length > shownMax
    ? [`- and ${failure.length - shownMax} more: npx sluice status ${migration} --problems shows all of them`]
    : []),
];

/** Settings that differ from the frozen definition's; null if none was changed. */
function overridesText({ overrides }: MigrationRecord): string | null {
  const texts = Object.entries(overrides).map(([setting, value]) => `${setting}=${value ?? 'none'}`);
  return texts.length === 0 ? null : texts.join(', ');
}

/** Reasons why the ends are not ready to be fenced. */
const notReadyText = ({ notReady }: MigrationRecord): readonly string[] =>
  notReady
    ? [`not ready to be fenced since ${notReady.since}:`, ...notReady.obstacles.map((each) => `  ${each}`)]
    : [];

/** Findings of preflight that do not stop the migration. */
export const noticesText = ({ notices }: Pick<MigrationRecord, 'notices'>): readonly string[] =>
  notices
    ? [
        `preflight found ${notices.count} thing(s) to know:`,
        ...notices.shown.map((notice) => `  ${notice}`),
        ...(notices.count > notices.shown.length
          ? [`  and ${notices.count - notices.shown.length} more`]
          : []),
      ]
    : [];

/** Fields in which the definition that was deployed at the last resume differs from the frozen one. */
export function differencesText(differences: DefinitionDifferences | null): readonly string[] {
  if (differences === null) return [];
  const { count, shown } = differences;
  return [
    `the deployed definition differs from the frozen one, which stays in effect, in ${count} field(s):`,
    ...shown.map((difference) => `  ${differenceText(difference)}`),
    ...(count > shown.length ? [`  and ${count - shown.length} more`] : []),
    'Change a live setting with npx sluice set; for everything else, abort and start again.',
  ];
}
/** The code version, and whether another one is deployed. */
const codeText = ({ migration, code, status, captureLost }: MigrationRecord, deployed: string): string => {
  if (code === deployed) return code;
  const isUpgradable = (status === 'running' || status === 'held') && captureLost === null;
  const remedy = isUpgradable ? `; npx sluice upgrade ${migration} moves to it` : '';
  return `${code} (deployed is ${deployed}${remedy})`;
};

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

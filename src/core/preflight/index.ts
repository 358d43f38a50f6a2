import type { Assessment } from '../errors';
import { chunkOrder } from './chunk-order';
import { chunkSize } from './chunk-size';
import { columnTypes } from './column-types';
import { computedColumns } from './computed-columns';
import { deferrableConstraints } from './deferrable-constraints';
import { distinctTables } from './distinct-tables';
import { emptyTarget } from './empty-target';
import { encoding } from './encoding';
import { exclusionConstraints } from './exclusion-constraints';
import { expressions } from './expressions';
import { pairsOf, type Facts, type PairCheck, type SideCheck } from './facts';
import { foreignKeyNotices, foreignKeys } from './foreign-keys';
import { freeSequenceNotices, freeSequences } from './free-sequences';
import { grants } from './grants';
import { keyOrder } from './key-order';
import { keyTypes } from './key-types';
import { knownColumns } from './known-columns';
import { longTransactions } from './long-transactions';
import { otherMigrations } from './other-migrations';
import { ownerActsForTables } from './owner-acts-for-tables';
import { ownerMayInstall } from './owner-may-install';
import { pinnedSettings } from './pinned-settings';
import { preparedTransactions } from './prepared-transactions';
import { publications } from './publications';
import { reachable } from './reachable';
import { replication } from './replication';
import { reservedNames } from './reserved-names';
import { rowFunction } from './row-function';
import { rowSecurity } from './row-security';
import { rowSize } from './row-size';
import { rowWidth } from './row-width';
import { schemaFiles } from './schema-files';
import { separateLogins } from './separate-logins';
import { sequenceNotices, sequences } from './sequences';
import { serverVersion } from './server-version';
import { serverWritable } from './server-writable';
import { settableColumns } from './settable-columns';
import { silentTriggers } from './silent-triggers';
import { tableExists } from './table-exists';
import { tableKind } from './table-kind';
import { targetColumns } from './target-columns';
import { textCasts } from './text-casts';
import { uncheckedRows } from './unchecked-rows';
import { usableKey } from './usable-key';
import { visibleSessions } from './visible-sessions';
import { writeRules } from './write-rules';
import { ownNothing } from './own-nothing';

const SIDE_CHECKS: readonly SideCheck[] = [
  reachable,
  serverVersion,
  serverWritable,
  encoding,
  separateLogins,
  pinnedSettings,
  ownerMayInstall,
  visibleSessions,
  preparedTransactions,
  publications,
  schemaFiles,
  freeSequences,
];

const PAIR_CHECKS: readonly PairCheck[] = [
  distinctTables,
  tableExists,
  tableKind,
  otherMigrations,
  reservedNames,
  replication,
  ownNothing,
  ownerActsForTables,
  grants,
  rowSecurity,
  knownColumns,
  usableKey,
  keyTypes,
  keyOrder,
  chunkOrder,
  targetColumns,
  columnTypes,
  textCasts,
  computedColumns,
  expressions,
  rowFunction,
  settableColumns,
  sequences,
  rowWidth,
  rowSize,
  chunkSize,
  foreignKeys,
  uncheckedRows,
  deferrableConstraints,
  exclusionConstraints,
  silentTriggers,
  writeRules,
  emptyTarget,
  longTransactions,
];

/** Findings that do not stop a migration, but that the operator has to know. */
const SIDE_NOTICES: readonly SideCheck[] = [freeSequenceNotices];
const PAIR_NOTICES: readonly PairCheck[] = [sequenceNotices, foreignKeyNotices];

/** Runs every check. Returns everything it found, first about the databases, then table by table. */
export function runChecks(facts: Facts): Assessment {
  const pairs = pairsOf(facts);
  const each = (checks: readonly PairCheck[]) =>
    pairs.flatMap((pair) => checks.flatMap((check) => check(pair, facts)));
  return {
    problems: [...SIDE_CHECKS.flatMap((check) => check(facts)), ...each(PAIR_CHECKS)],
    notices: [...each(PAIR_NOTICES), ...SIDE_NOTICES.flatMap((check) => check(facts))],
  };
}

export type {
  ConnectFailure,
  Facts,
  LockHolder,
  LoginFacts,
  RegisteredGuard,
  RowSize,
  SchemaRehearsal,
  SideFacts,
  StatementSize,
  Unreachable,
} from './facts';
export { pairsOf } from './facts';
export { ROW_BYTES_MAX } from './row-size';
export { SAMPLE_ROWS, type ExpressionFacts, type ProjectionFacts } from './projection-facts';

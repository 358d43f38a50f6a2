import guardTable from './tables/guard.sql';
import guardedTable from './tables/guarded.sql';
import createdTable from './tables/created.sql';
import leaseTable from './tables/lease.sql';
import sliceTable from './tables/slice.sql';
import refuse from './guard/refuse.sql';
import assertSourceSession from './session/assert-source-session.sql';
import assertTargetSession from './session/assert-target-session.sql';
import setGuard from './guard/set-guard.sql';
import dropGuard from './guard/drop-guard.sql';
import setTriggers from './guard/set-triggers.sql';
import installLease from './lease/install-lease.sql';
import revokeLeases from './lease/revoke-leases.sql';
import touchTable from './tables/touch.sql';
import skippedTable from './tables/skipped.sql';
import raiseKeyInNoChunk from './apply/raise-key-in-no-chunk.sql';
import applyRounds from './apply/apply-rounds.sql';
import parkingValue from './apply/parking-value.sql';
import parkingAssignments from './apply/parking-assignments.sql';
import parkRow from './apply/park-row.sql';
import applyEach from './apply/apply-each.sql';
import register from './guard/register.sql';
import noteEmpty from './guard/note-empty.sql';
import inventory from './target/inventory.sql';
import createTarget from './target/create-target.sql';
import captureTable from './tables/capture.sql';
import captureLossTable from './tables/capture-loss.sql';
import changeLogTable from './tables/change-log.sql';
import lockTable from './lock/lock-table.sql';
import lockTrees from './lock/lock-trees.sql';
import overCapReason from './capture/over-cap-reason.sql';
import factsHash from './capture/facts-hash.sql';
import captureFacts from './capture/capture-facts.sql';
import expectedFacts from './capture/expected-facts.sql';
import checkCapture from './capture/check-capture.sql';
import captures from './capture/captures.sql';
import lockTree from './lock/lock-tree.sql';
import isHashable from './capture/is-hashable.sql';
import keySql from './capture/key-sql.sql';
import overCapSql from './capture/over-cap-sql.sql';
import createCaptureFunction from './capture/create-capture-function.sql';
import createCaptureTriggers from './capture/create-capture-triggers.sql';
import startCapture from './capture/start-capture.sql';
import enqueue from './capture/enqueue.sql';
import dropCapture from './capture/drop-capture.sql';
import stopCapture from './capture/stop-capture.sql';
import uninstall from './target/uninstall.sql';
import sequencePosition from './sequence/sequence-position.sql';
import advanceSequence from './sequence/advance-sequence.sql';
import grants from './grants.sql';
import refuseOlderVersion from './refuse-older-version.sql';
import schema from './schema.sql';
import { statement } from '../sql/statement';

/** Creates the schema and its tables. Safe to repeat. */
const TABLES = [
  guardTable,
  guardedTable,
  createdTable,
  leaseTable,
  sliceTable,
  touchTable,
  skippedTable,
  captureTable,
  captureLossTable,
  changeLogTable,
  lockTable,
];

/** In an order in which every function of language SQL follows those that it calls. */
const FUNCTIONS = [
  refuse,
  assertSourceSession,
  assertTargetSession,
  setGuard,
  dropGuard,
  setTriggers,
  installLease,
  revokeLeases,
  raiseKeyInNoChunk,
  applyRounds,
  parkingValue,
  parkingAssignments,
  parkRow,
  applyEach,
  register,
  noteEmpty,
  inventory,
  createTarget,
  lockTrees,
  overCapReason,
  factsHash,
  captureFacts,
  expectedFacts,
  checkCapture,
  captures,
  lockTree,
  isHashable,
  keySql,
  overCapSql,
  createCaptureFunction,
  createCaptureTriggers,
  startCapture,
  enqueue,
  dropCapture,
  stopCapture,
  uninstall,
  sequencePosition,
  advanceSequence,
];

/** The identifier that stands for the worker's login in grants.sql. */
const WORKER_LOGIN = '"worker login"';

/**
 * Installs everything that Sluice needs in a database, as one statement, so that one call commits all of it. Safe to repeat.
 * Each object belongs to one side of a migration, because both sides may be in the same database. It runs as the owner's
 * login.
 *
 * The functions raise the SQLSTATEs of `SLUICE_STATES`.
 * @param workerLogin the only login that may use the installed objects, quoted as an identifier
 * @throws SL002 if an older version of Sluice is installed
 */
export function installSql(workerLogin: string): string {
  const parts = [
    refuseOlderVersion,
    schema,
    ...TABLES,
    ...FUNCTIONS,
    grants.replaceAll(WORKER_LOGIN, workerLogin),
  ];
  return `DO $install$\nBEGIN\n${parts.map(statement).join('\n')}\nEND $install$`;
}

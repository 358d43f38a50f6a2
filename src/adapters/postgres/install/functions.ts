import ownGuard from './guard/own-guard.sql';
import assertAuthority from './guard/assert-authority.sql';
import hasGuard from './guard/has-guard.sql';
import succeedGuard from './guard/succeed-guard.sql';
import closeScopes from './lease/close-scopes.sql';
import lockTable from './lock/lock-table.sql';
import writeGuard from './guard/write-guard.sql';
import passingRows from './guard/passing-rows.sql';
import ensureTriggers from './guard/ensure-triggers.sql';
import changedTables from './guard/changed-tables.sql';
import armedTables from './guard/armed-tables.sql';
import refuseChangedTables from './guard/refuse-changed-tables.sql';
import mayChangeGuard from './guard/may-change-guard.sql';
import triggersOfGuard from './guard/triggers-of-guard.sql';
import triggerVersions from './guard/trigger-versions.sql';
import armGuard from './guard/arm-guard.sql';
import dropTriggers from './guard/drop-triggers.sql';
import disarmGuard from './guard/disarm-guard.sql';
import assertSourceSession from './session/assert-source-session.sql';
import assertTargetSession from './session/assert-target-session.sql';
import partitionTree from './guard/partition-tree.sql';
import isFilled from './guard/is-filled.sql';
import partitionVersions from './guard/partition-versions.sql';
import typeParts from './guard/type-parts.sql';
import typeFact from './guard/type-fact.sql';
import structureFacts from './guard/structure-facts.sql';
import changedFacts from './guard/changed-facts.sql';
import guardChanges from './guard/guard-changes.sql';
import setGuard from './guard/set-guard.sql';
import lockObstacles from './guard/lock-obstacles.sql';
import openingObstacle from './guard/opening-obstacle.sql';
import fenceObstacles from './guard/fence-obstacles.sql';
import dropGuard from './guard/drop-guard.sql';
import assertOwnScope from './lease/assert-own-scope.sql';
import planLeases from './lease/plan-leases.sql';
import planPartition from './lease/plan-partition.sql';
import installLease from './lease/install-lease.sql';
import closeLease from './lease/close-lease.sql';
import closeLeases from './lease/close-leases.sql';
import revokeLeases from './lease/revoke-leases.sql';
import raiseKeyInNoChunk from './apply/raise-key-in-no-chunk.sql';
import applyRounds from './apply/apply-rounds.sql';
import parkingValue from './apply/parking-value.sql';
import parkingAssignments from './apply/parking-assignments.sql';
import parkRow from './apply/park-row.sql';
import applyEach from './apply/apply-each.sql';
import tablesSharingRelations from './guard/tables-sharing-relations.sql';
import register from './guard/register.sql';
import isEmpty from './target/is-empty.sql';
import truncateTables from './target/truncate-tables.sql';
import noteEmpty from './guard/note-empty.sql';
import adoptGuard from './guard/adopt-guard.sql';
import forgetGuard from './guard/forget-guard.sql';
import inventory from './target/inventory.sql';
import isWrittenHere from './target/is-written-here.sql';
import stillCreated from './target/still-created.sql';
import hasForeignPartition from './target/has-foreign-partition.sql';
import createTarget from './target/create-target.sql';
import lockTables from './lock/lock-tables.sql';
import lockTrees from './lock/lock-trees.sql';
import overCapReason from './capture/over-cap-reason.sql';
import factsHash from './capture/facts-hash.sql';
import captureFacts from './capture/capture-facts.sql';
import expectedFacts from './capture/expected-facts.sql';
import admitPartitions from './capture/admit-partitions.sql';
import checkCapture from './capture/check-capture.sql';
import captures from './capture/captures.sql';
import lockTree from './lock/lock-tree.sql';
import isHashable from './capture/is-hashable.sql';
import keySql from './capture/key-sql.sql';
import overCapSql from './capture/over-cap-sql.sql';
import createCaptureFunction from './capture/create-capture-function.sql';
import createCaptureTriggers from './capture/create-capture-triggers.sql';
import startCapture from './capture/start-capture.sql';
import forgetEntries from './capture/forget-entries.sql';
import enqueue from './capture/enqueue.sql';
import dropCapture from './capture/drop-capture.sql';
import stopCapture from './capture/stop-capture.sql';
import uninstall from './target/uninstall.sql';
import sequencePosition from './sequence/sequence-position.sql';
import advanceSequence from './sequence/advance-sequence.sql';

/** Texts of the installed functions' files, in an order in which every function of language SQL follows those that it calls. */
export const FUNCTIONS: readonly string[] = [
  ownGuard,
  assertAuthority,
  hasGuard,
  succeedGuard,
  closeScopes,
  lockTable,
  writeGuard,
  passingRows,
  ensureTriggers,
  changedTables,
  refuseChangedTables,
  mayChangeGuard,
  triggersOfGuard,
  armedTables,
  triggerVersions,
  armGuard,
  dropTriggers,
  disarmGuard,
  assertSourceSession,
  assertTargetSession,
  partitionTree,
  isFilled,
  partitionVersions,
  factsHash,
  typeParts,
  typeFact,
  structureFacts,
  changedFacts,
  guardChanges,
  setGuard,
  lockObstacles,
  openingObstacle,
  fenceObstacles,
  dropGuard,
  assertOwnScope,
  planLeases,
  planPartition,
  installLease,
  closeLease,
  closeLeases,
  revokeLeases,
  raiseKeyInNoChunk,
  applyRounds,
  parkingValue,
  parkingAssignments,
  parkRow,
  applyEach,
  tablesSharingRelations,
  register,
  isEmpty,
  truncateTables,
  noteEmpty,
  adoptGuard,
  forgetGuard,
  inventory,
  isWrittenHere,
  stillCreated,
  hasForeignPartition,
  createTarget,
  lockTables,
  lockTrees,
  overCapReason,
  captureFacts,
  expectedFacts,
  admitPartitions,
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
  forgetEntries,
  dropCapture,
  stopCapture,
  uninstall,
  sequencePosition,
  advanceSequence,
];

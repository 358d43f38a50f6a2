/** Every scenario, in the order in which they are run. A new protocol adds a file and a line here. */
import type { Scenario } from '../scenario';
import { abortAgainstCopy, offlineCutover, twoAborts } from './abort';
import { reopenForCopy, copyWithFaults, copyWithZombies } from './copy-with-zombies';
import {
  cutoverAgainstAbort,
  cutoverAgainstCancel,
  cutoverAgainstLoss,
  cutoverAgainstTime,
  sealedCutover,
  twoCutovers,
} from './cutover';
import {
  abortAgain,
  abortOfNext,
  lateCalls,
  lateCallsOfCaptures,
  lateClean,
  lateReopen,
  lateRevoke,
} from './generations';
import {
  applyWithZombies,
  applyWithFaults,
  copyDuringDeletes,
  copyDuringWrites,
  lateCommits,
} from './live-copy';
import {
  otherAbort,
  otherAbortAtStart,
  otherAbortDuringSync,
  otherMigration,
  lateRestoredAbort,
  restoredAbort,
  restoredCutover,
  restoredResume,
} from './ownership';
import {
  guardedCutover,
  guardedOffline,
  lateDisarm,
  lateFence,
  ownersDdlLive,
  ownersDdlOffline,
} from './guards';
import {
  lateTransitions,
  lateTransitionsLive,
  otherGuardedAbort,
  otherGuardedMigration,
} from './guards-of-others';
import { twoPlanners } from './planning';
import { resumeWithOtherCode, upgrade, upgradeAgainstAbort, upgradeAgainstCutover } from './redeploys';

export const SCENARIOS: readonly Scenario[] = [
  copyWithFaults,
  copyWithZombies,
  reopenForCopy,
  twoPlanners,
  copyDuringWrites,
  copyDuringDeletes,
  applyWithZombies,
  lateCommits,
  applyWithFaults,
  cutoverAgainstTime,
  cutoverAgainstCancel,
  cutoverAgainstAbort,
  cutoverAgainstLoss,
  twoCutovers,
  sealedCutover,
  abortAgainstCopy,
  twoAborts,
  offlineCutover,
  lateCalls,
  lateCallsOfCaptures,
  abortAgain,
  lateRevoke,
  lateReopen,
  lateClean,
  abortOfNext,
  otherMigration,
  otherAbort,
  otherAbortAtStart,
  otherAbortDuringSync,
  restoredAbort,
  lateRestoredAbort,
  restoredResume,
  restoredCutover,
  resumeWithOtherCode,
  upgrade,
  upgradeAgainstAbort,
  upgradeAgainstCutover,
  guardedCutover,
  guardedOffline,
  ownersDdlLive,
  ownersDdlOffline,
  lateFence,
  lateDisarm,
  lateTransitions,
  lateTransitionsLive,
  otherGuardedMigration,
  otherGuardedAbort,
];

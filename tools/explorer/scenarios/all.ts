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
  applyWithZombies,
  applyWithFaults,
  copyDuringDeletes,
  copyDuringWrites,
  lateCommits,
} from './live-copy';
import { twoPlanners } from './planning';

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
];

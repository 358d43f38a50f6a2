/** Mutations that disable the checks of whose a call is, and of which code runs. */
import type { Request } from './memory/state';
import { migration, abort } from './programs/machines';
import { waiting } from './programs/outside';
import { applier } from './programs/workers';
import { disabling, isOp, part, unconditional, type MutationTest } from './disabling';
import {
  abortAgain,
  abortOfNext,
  lateCalls,
  lateCallsOfCaptures,
  lateClean,
  nextOffline,
} from './scenarios/generations';
import { otherAbort, otherAbortDuringSync, otherMigration, restoredResume } from './scenarios/ownership';
import { resumed, resumeWithOtherCode, upgrade } from './scenarios/redeploys';

/** Either check refuses a late call of an earlier generation, so both are disabled. */
const olderGeneration = (name: string, op: string): MutationTest => ({
  protection: 'generation and epoch',
  name,
  scenario: op === 'stopCapture' ? lateCallsOfCaptures : lateCalls,
  mutate: disabling(['generation', 'epoch'], isOp(op)),
});

const isCompletion = (values: Readonly<Record<string, unknown>>): boolean => ':aborted' in values;

/** An execution of other code that pretends to run the recorded one, as if nothing compared them. */
const pretender = { ...resumed, pretends: 'code-1' };

export const OWNERSHIP_MUTATIONS: readonly MutationTest[] = [
  {
    protection: 'owner',
    name: "another control plane revokes the first one's leases",
    scenario: part(otherAbort, ['migration execution-1', 'other abort']),
    mutate: disabling('owner', isOp('revoke')),
  },
  {
    protection: 'owner',
    name: 'another control plane removes the first one',
    scenario: part(otherAbort, ['migration execution-1', 'other abort']),
    mutate: disabling('owner', isOp('uninstall')),
  },
  {
    protection: 'owner',
    name: "another control plane stops the first one's capture",
    scenario: otherAbortDuringSync,
    mutate: disabling('owner', isOp('stopCapture')),
  },
  {
    protection: 'owner',
    name: 'another control plane registers and darkens the same tables',
    scenario: part(otherMigration, ['migration execution-1', 'other migration']),
    mutate: disabling('owner', isOp('registerGuard', 'setGuard')),
  },
  olderGeneration('a late registration of an earlier generation', 'registerGuard'),
  olderGeneration('a late change of a guard of an earlier generation', 'setGuard'),
  olderGeneration('a late revocation of an earlier generation', 'revoke'),
  olderGeneration('a late removal of an earlier generation', 'uninstall'),
  olderGeneration('a late stop of the captures of an earlier generation', 'stopCapture'),
  {
    protection: 'guard epoch',
    name: 'a restored ledger installs a lease under an older epoch',
    scenario: part(restoredResume, ['migration execution-1', 'restored migration']),
    mutate: disabling('epoch', isOp('installLease')),
  },
  {
    protection: 'tombstone',
    name: 'a removal and an installation leave no tombstone',
    scenario: lateCalls,
    mutate: disabling('tombstone', isOp('install', 'uninstall')),
  },
  {
    protection: 'tombstone',
    name: 'a removal before the registration leaves no tombstone',
    inTheEnd: true,
    scenario: abortOfNext,
    mutate: disabling('tombstone', isOp('uninstall')),
  },
  {
    protection: 'completion of an abort',
    name: 'a late abort completes whatever the ledger says',
    scenario: lateClean,
    mutate: (request: Request) =>
      unconditional(
        /#generation = :generation AND #abortEpoch = :abortEpoch AND #status IN \(.*\)/,
        isCompletion,
      )(request),
  },
  {
    protection: "generation in an abort's input",
    name: 'an abort that is delivered again aborts the generation that runs now',
    inTheEnd: true,
    scenario: {
      ...abortAgain,
      workers: [
        ...abortAgain.workers.filter(({ name }) => name === 'migration execution-2'),
        waiting(
          nextOffline,
          abort(nextOffline, 'abort again'),
          'generation 2 runs',
          ({ generation }) => generation === 2,
        ),
      ],
    },
  },
  {
    protection: 'code at a claim',
    name: 'an execution of other code resumes the generation',
    scenario: {
      ...resumeWithOtherCode,
      workers: [
        ...resumeWithOtherCode.workers.slice(0, 1),
        migration(pretender, { execution: 'execution-2', before: ['cutover'] }),
      ],
    },
  },
  {
    protection: 'code at a claim',
    name: 'Sync of other code takes the role',
    scenario: {
      ...resumeWithOtherCode,
      workers: [
        ...resumeWithOtherCode.workers.slice(0, 1),
        applier(pretender, 'other sync', 1, { rounds: true }),
      ],
    },
  },
  {
    protection: 'code at a claim',
    name: 'Sync of the earlier code takes the role after an upgrade',
    scenario: upgrade,
    mutate: unconditional(/ AND #code = :code/, (values) => ':code' in values),
  },
];

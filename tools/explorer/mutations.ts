/** Mutations that each disable one protection, and a scenario in which that does harm. */
import type { Request } from './memory/state';
import { disabling, isOp, part, unconditional, type MutationTest } from './disabling';
import { OWNERSHIP_MUTATIONS } from './ownership-mutations';
import { GUARD_MUTATIONS } from './guard-mutations';
import { offlineCutover } from './scenarios/abort';
import { reopenForCopy, copyWithZombies } from './scenarios/copy-with-zombies';
import { cutoverAgainstCancel, cutoverAgainstTime, sealedCutover } from './scenarios/cutover';
import { applyWithZombies, copyDuringDeletes, copyDuringWrites } from './scenarios/live-copy';
import { twoPlanners } from './scenarios/planning';
import { isDecision } from './scenarios/requests';

const WRITES = isOp('writePage', 'clearRange', 'applyRows', 'applyEach', 'skipRow');

/** The decision to cut over. */
const isIntent = (request: Request): boolean =>
  isDecision(request) && ':seenEpoch' in (request.args.ExpressionAttributeValues as object);

/** Makes a decision on `writes` ignore the current value. */
const ignoringWrites = (to: string) =>
  unconditional(/#writes = :from AND #status IN \([^)]*\) AND /, (values) => values[':writes'] === to);

export const MUTATIONS: readonly MutationTest[] = [
  {
    protection: 'consistent read',
    name: 'the record is read from a stale copy',
    scenario: {
      ...part(cutoverAgainstCancel, ['migration execution-1', 'late cancel'], isOp('get')),
      statesMax: 120_000,
    },
    staleReads: true,
  },
  {
    protection: 'consistent read',
    name: 'an applier uses the state that a chunk had before the entry was read',
    scenario: part(copyDuringWrites, ['copier A', 'applier', 'application'], isOp('applyRows')),
    staleVerdicts: true,
  },
  {
    protection: 'monotone token',
    name: 'a lease accepts an older token',
    scenario: part(copyDuringWrites, ['copier A', 'copier B']),
    mutate: disabling('monotone', isOp('installLease')),
  },
  {
    protection: 'monotone token',
    name: 'a write does not check the token',
    scenario: { ...copyDuringDeletes, statesMax: 120_000 },
    mutate: disabling('token', WRITES),
  },
  {
    protection: 'conditional checkpoint',
    name: 'any copier moves the cursor',
    inTheEnd: true,
    scenario: part(copyWithZombies, ['copier A', 'copier B']),
    mutate: disabling('checkpoint', isOp('writePage')),
  },
  {
    protection: 'conditional close',
    name: 'a former copier closes the chunk in the ledger',
    scenario: part(reopenForCopy, ['judge', 'copier A', 'copier B']),
    mutate: unconditional(/#token = :token AND #state = :open/, (values) => values[':state'] === 'closed'),
  },
  {
    protection: 'sequence number',
    name: 'a write of a copier does not consume its sequence number',
    scenario: part(reopenForCopy, ['judge', 'copier A', 'copier B'], isOp('clearRange')),
    mutate: disabling('seq', WRITES),
  },
  {
    protection: 'sequence number',
    name: 'a write of an applier does not consume its sequence number',
    scenario: part(applyWithZombies, ['applier A', 'application'], isOp('applyRows')),
    mutate: disabling('seq', WRITES),
  },
  {
    protection: 'guard epoch',
    name: 'a guard accepts a change with an older epoch',
    scenario: part(cutoverAgainstCancel, ['migration execution-1', 'late cancel']),
    mutate: disabling('epoch', isOp('setGuard')),
  },
  {
    protection: 'seal',
    name: 'the fence is not made permanent before the flip',
    scenario: part(cutoverAgainstTime, ['migration execution-1', 'application', 'time']),
    mutate: disabling('seal', isOp('setGuard')),
  },
  {
    protection: 'one-attribute decision',
    name: 'the flip ignores the current value of writes',
    inTheEnd: true,
    scenario: part(offlineCutover, ['migration execution-1', 'abort']),
    mutate: ignoringWrites('target'),
  },
  {
    protection: 'one-attribute decision',
    name: 'a cancel after exhausted retries ignores that the abandoned cutover has flipped',
    scenario: { ...part(sealedCutover, ['migration execution-1', 'application']), zombiesMax: 1 },
    mutate: ignoringWrites('source'),
  },
  {
    protection: 'one-attribute decision',
    name: 'an abandoned cutover flips after exhausted retries cancelled it',
    scenario: { ...part(sealedCutover, ['migration execution-1', 'application']), zombiesMax: 1 },
    mutate: ignoringWrites('target'),
  },
  {
    protection: 'reserved epoch',
    name: 'a late copy of the intent starts a cancelled cutover again',
    scenario: {
      ...part(cutoverAgainstCancel, ['migration execution-1', 'late cancel'], isIntent),
      statesMax: 120_000,
    },
    // The condition on the stage, which a cancel resets, would refuse it too.
    mutate: unconditional(
      / AND #stage = :seenStage AND #epoch = :seenEpoch/,
      (values) => ':seenEpoch' in values,
    ),
  },
  {
    protection: 'sealed plan',
    name: 'a late planner replaces the leases of an existing plan',
    scenario: twoPlanners,
    mutate: disabling('plan', isOp('planLeases')),
  },
  ...OWNERSHIP_MUTATIONS,
  ...GUARD_MUTATIONS,
];

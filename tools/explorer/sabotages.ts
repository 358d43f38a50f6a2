/** Protections, each taken away alone, and the scenario that falls for it. */
import type { Request } from './memory/state';
import type { Sabotage, Scenario } from './scenario';
import { offlineCutover } from './scenarios/abort';
import { copyAgain, copyWithZombies } from './scenarios/copy-with-zombies';
import { cutoverAgainstCancel, cutoverAgainstTime, sealedCutover } from './scenarios/cutover';
import { applyBesideZombies, copyBesideDeletes, copyBesideWrites } from './scenarios/live-copy';
import { twoPlanners } from './scenarios/planning';
import { isDecision } from './scenarios/requests';

export interface Tooth extends Sabotage {
  /** Of the list of protections. */
  readonly protection: string;
  readonly scenario: Scenario;
  /** The harm shows in the end only, after a recovery; elsewhere it is seen at once. */
  readonly inTheEnd?: boolean;
}

/** The statement as it would be without this protection. */
const lacking =
  (protection: string, concerns: (request: Request) => boolean) =>
  (request: Request): Request =>
    concerns(request) ? { ...request, args: { ...request.args, without: protection } } : request;

const isOp =
  (...ops: readonly string[]) =>
  ({ op }: Request): boolean =>
    ops.includes(op);

/** The operation without a part of its condition. */
const unconditional =
  (part: RegExp, concerns: (values: Readonly<Record<string, unknown>>) => boolean) =>
  (request: Request): Request => {
    const { ConditionExpression: condition, ExpressionAttributeValues: values } = request.args;
    if (request.at !== 'ledger' || typeof condition !== 'string') return request;
    if (!concerns((values ?? {}) as Record<string, unknown>)) return request;
    return {
      ...request,
      args: { ...request.args, ConditionExpression: condition.replace(part, '') },
    };
  };

const WRITES = isOp('writePage', 'clearRange', 'applyRows', 'applyEach', 'skipRow');

/** The decision to cut over. */
const isIntent = (request: Request): boolean =>
  isDecision(request) && ':seenEpoch' in (request.args.ExpressionAttributeValues as object);

/** A decision on what `writes` becomes, whatever it is now. */
const blind = (to: string) =>
  unconditional(/#writes IN \([^)]*\) AND #status IN \([^)]*\) AND /, (values) => values[':writes'] === to);

/** A part of a scenario: these workers, and faults of these requests only. What the whole allows, the part does. */
const part = (
  scenario: Scenario,
  workers: readonly string[],
  faulty: ((request: Request) => boolean) | null = null,
): Scenario => ({
  ...scenario,
  workers: scenario.workers.filter(({ name }) => workers.includes(name)),
  zombiesMax: 0,
  ...(faulty ? { faulty, faultsMax: 1 } : { faultsMax: 0 }),
});

export const TEETH: readonly Tooth[] = [
  {
    protection: 'consistent read',
    name: 'the record is read from a copy that lags',
    scenario: {
      ...part(cutoverAgainstCancel, ['migration execution-1', 'cancel of before'], isOp('get')),
      statesMax: 120_000,
    },
    staleReads: true,
  },
  {
    protection: 'consistent read',
    name: 'an applier decides by what a chunk was before the entry was seen',
    scenario: part(copyBesideWrites, ['copier A', 'applier', 'application'], isOp('applyRows')),
    staleVerdicts: true,
  },
  {
    protection: 'monotone token',
    name: 'a lease takes an older token',
    scenario: part(copyBesideWrites, ['copier A', 'copier B']),
    weaken: lacking('monotone', isOp('installLease')),
  },
  {
    protection: 'monotone token',
    name: 'a write does not look at the token',
    scenario: { ...copyBesideDeletes, statesMax: 120_000 },
    weaken: lacking('token', WRITES),
  },
  {
    protection: 'conditional checkpoint',
    name: 'the cursor moves whoever holds the lease',
    inTheEnd: true,
    scenario: part(copyWithZombies, ['copier A', 'copier B']),
    weaken: lacking('checkpoint', isOp('writePage')),
  },
  {
    protection: 'conditional close',
    name: 'a chunk is closed in the ledger by whoever copied it once',
    scenario: part(copyAgain, ['judge', 'copier A', 'copier B']),
    weaken: unconditional(/#token = :token AND #state = :open/, (values) => values[':state'] === 'closed'),
  },
  {
    protection: 'sequence number',
    name: 'a write of a copier does not consume its number',
    scenario: part(copyAgain, ['judge', 'copier A', 'copier B'], isOp('clearRange')),
    weaken: lacking('seq', WRITES),
  },
  {
    protection: 'sequence number',
    name: 'a write of an applier does not consume its number',
    scenario: part(applyBesideZombies, ['applier A', 'application'], isOp('applyRows')),
    weaken: lacking('seq', WRITES),
  },
  {
    protection: 'guard epoch',
    name: 'a guard takes a change that is older than its own',
    scenario: part(cutoverAgainstCancel, ['migration execution-1', 'cancel of before']),
    weaken: lacking('epoch', isOp('setGuard')),
  },
  {
    protection: 'seal',
    name: 'the fence is not made permanent before the flip',
    scenario: part(cutoverAgainstTime, ['migration execution-1', 'application', 'time']),
    weaken: lacking('seal', isOp('setGuard')),
  },
  {
    protection: 'one-attribute decision',
    name: 'the flip does not look at what writes are',
    inTheEnd: true,
    scenario: part(offlineCutover, ['migration execution-1', 'abort']),
    weaken: blind('target'),
  },
  {
    protection: 'one-attribute decision',
    name: 'a cancel after exhausted retries does not look at whether the cutover that was given up on has flipped',
    scenario: { ...part(sealedCutover, ['migration execution-1', 'application']), zombiesMax: 1 },
    weaken: blind('source'),
  },
  {
    protection: 'one-attribute decision',
    name: 'a cutover that was given up on flips after exhausted retries cancelled it',
    scenario: { ...part(sealedCutover, ['migration execution-1', 'application']), zombiesMax: 1 },
    weaken: blind('target'),
  },
  {
    protection: 'reserved epoch',
    name: 'a late copy of the intent decides the same cutover again after its cancel',
    scenario: {
      ...part(cutoverAgainstCancel, ['migration execution-1', 'cancel of before'], isIntent),
      statesMax: 120_000,
    },
    // The stage that a cancel sets back refuses it too.
    weaken: unconditional(
      / AND #stage = :seenStage AND #epoch = :seenEpoch/,
      (values) => ':seenEpoch' in values,
    ),
  },
  {
    protection: 'sealed plan',
    name: 'a late planner replaces the leases of a plan',
    scenario: twoPlanners,
    weaken: lacking('plan', isOp('planLeases')),
  },
];

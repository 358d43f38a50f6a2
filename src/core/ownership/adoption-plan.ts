import { stagesOf } from '../../contract/lifecycle';
import { SIDES, type Side } from '../../contract/sides';
import type { Problem } from '../errors';
import type { MigrationRecord } from '../ledger';
import type { AdoptionDecision, AdoptionPlan, Found } from './adoption';
import { adoptedAs, adoptedWithoutGuards, REMOVE_BY_HAND } from './adopted-as';
import { describeGuard, isLive } from './describe-guard';
import { effectsOf } from './effects';
import type { FoundGuard, FoundSide } from './ports';
import { servingSideOf, type GuardPair } from './serving-side';

/**
 * How far the new epoch is beyond every epoch that was found: a lost ledger may have drawn epochs that have not reached a guard
 * yet, a few per invocation.
 */
const EPOCH_GAP = 1_000;

/** Decides what an adoption would do. Changes nothing. */
export function planAdoption(found: Found): AdoptionDecision {
  const { record, owner, sides } = found;
  const problems = SIDES.flatMap((side) => problemsOf(side, sides[side]));
  if (problems.length > 0) return refused(...problems);
  const guards = { source: liveOf(sides.source), target: liveOf(sides.target) };
  const live = SIDES.flatMap((side) => guards[side] ?? []);
  if (live.length === 0) return planWithoutGuards(found);
  const serving = servingSideOf(guards);
  if (typeof serving !== 'string') {
    // `forget` keeps the guards in a database that the record names.
    const mayForget = record === null || found.changedEnds.some((side) => guards[side] !== null);
    return refused(mayForget ? serving : { ...serving, remedy: REMOVE_BY_HAND });
  }
  if (isAccepted(found, live, serving))
    return {
      kind: 'nothing',
      why: `the guards of migration ${found.migration} belong to control plane ${owner} and accept its ledger`,
    };
  const latest = generationOf(found, live);
  const isKnown = record?.generation === latest && live.some((guard) => isOwn(found, guard));
  // A flip that the record knows is not forgotten while a guard is left.
  const hasMoved = isKnown && record.writes !== 'target' && hasMovedToCopies(found);
  if (isKnown && found.changedEnds.length > 0 && !hasMoved)
    return refused(...found.changedEnds.map((side) => changedEnd(found, side)));
  const strangers = live.flatMap((guard) => strangerProblems(found, guard));
  if (strangers.length > 0 && !hasMoved) return refused(...strangers);
  const isNewGeneration = !isKnown || hasMoved;
  const generation = hasMoved ? latest + 1 : latest;
  const shape = isNewGeneration ? found.shape : record.shape;
  const adopted = adoptedAs({
    guards,
    serving,
    record: isNewGeneration ? null : record,
    lastStage: stagesOf(shape).at(-1)!,
  });
  if ('check' in adopted) return refused(adopted);
  const epoch = epochAbove(
    record,
    SIDES.flatMap((side) => sides[side].guards),
  );
  const installed = installedSides(found);
  const order = inOrder(guards, serving);
  const plan = { seen: record, generation, epoch, adopted, isNewGeneration, installed, guards: order };
  return { kind: 'adopt', ...plan, effects: effectsOf(found, plan) };
}

/** Takes over a restored record of which neither database has a guard. */
function planWithoutGuards(found: Found): AdoptionDecision {
  const { record, owner, sides } = found;
  const isBound = record?.owner === owner && record.adoption?.finished !== false;
  if (record === null || isBound) return refused(noGuards(found));
  const hasMoved = hasMovedToCopies(found);
  if (found.changedEnds.length > 0 && !hasMoved)
    return refused(...found.changedEnds.map((side) => changedEnd(found, side)));
  const removed = SIDES.flatMap((side) => sides[side].guards);
  const own = removed.filter((guard) => isOwn(found, guard));
  const latest = Math.max(record.generation, ...own.map(({ generation }) => generation));
  const adopted = adoptedWithoutGuards(record, hasMoved);
  if ('check' in adopted) return refused(adopted);
  const isNewGeneration = hasMoved && adopted.status === 'held';
  const plan = {
    ...{ seen: record, isNewGeneration, installed: installedSides(found), guards: [], adopted },
    generation: isNewGeneration ? latest + 1 : latest,
    epoch: epochAbove(record, removed),
  };
  return { kind: 'adopt', ...plan, effects: effectsOf(found, plan) };
}

/**
 * Whether the databases were restored to other clusters together with the ledger: its generation belongs to the original and to the
 * original's databases, so it cannot be aborted here, and a new one takes its place. The guards of the copies were released.
 */
const hasMovedToCopies = ({ record, owner, changedEnds, sides }: Found): boolean =>
  record !== null &&
  record.owner !== owner &&
  changedEnds.length > 0 &&
  changedEnds.every((side) => liveOf(sides[side]) === null);

const installedSides = ({ sides }: Found): readonly Side[] =>
  SIDES.filter((side) => sides[side].schemaOwner !== null);

const epochAbove = (record: MigrationRecord | null, guards: readonly FoundGuard[]): number =>
  Math.max(record?.epoch ?? 0, ...guards.map(({ epoch }) => epoch)) + EPOCH_GAP;

const refused = (...problems: readonly Problem[]): AdoptionDecision => ({ kind: 'refused', problems });

const liveOf = ({ guards }: FoundSide): FoundGuard | null => guards.find(isLive) ?? null;

/** Whether a guard belongs to this ledger, or to the one of which it is a restored copy. */
const isOwn = ({ owner, record }: Found, guard: FoundGuard): boolean =>
  guard.owner === owner || guard.owner === record?.owner;

/** Whether the guards already obey this ledger, and nothing that it records contradicts them. */
function isAccepted(found: Found, live: readonly FoundGuard[], serving: Side): boolean {
  const { record } = found;
  if (record === null || record.status === 'aborted' || record.adoption?.finished === false) return false;
  if (record.owner !== found.owner) return false;
  return (
    live.every(
      (guard) =>
        guard.owner === found.owner && guard.generation === record.generation && guard.epoch <= record.epoch,
    ) &&
    (serving === 'source' || record.writes === 'target')
  );
}

/** The latest generation that is known. A generation of this ledger that had ended is not continued. */
function generationOf(found: Found, live: readonly FoundGuard[]): number {
  const { record, sides } = found;
  const own = SIDES.flatMap((side) => sides[side].guards).filter((guard) => isOwn(found, guard));
  const latest = Math.max(record?.generation ?? 0, ...[...live, ...own].map(({ generation }) => generation));
  const hasEnded =
    (record?.generation === latest && record.status === 'aborted' && !own.some(isLive)) ||
    own.some((guard) => guard.generation === latest && !isLive(guard));
  return hasEnded && !own.some((guard) => isLive(guard) && guard.generation === latest) ? latest + 1 : latest;
}

function inOrder(guards: GuardPair, serving: Side): AdoptionPlan['guards'] {
  const order: readonly Side[] = serving === 'source' ? ['target', 'source'] : ['source', 'target'];
  return order.flatMap((side) => (guards[side] === null ? [] : [{ side, seen: guards[side] }]));
}

function problemsOf(side: Side, { login, schemaOwner, guards }: FoundSide): Problem[] {
  const live = guards.filter(isLive);
  return [
    ...(schemaOwner === null || schemaOwner === login
      ? []
      : [
          {
            check: 'owner-login',
            subject: side,
            found: `schema sluice belongs to login ${schemaOwner}, and ownerSecretArn logs in as ${login}`,
            remedy: `Use a secret of ${schemaOwner} as the ${side}'s ownerSecretArn`,
          },
        ]),
    ...(live.length < 2
      ? []
      : [
          {
            check: 'one-guard',
            subject: side,
            found: `${live.length} guards of this migration: ${live.map(describeGuard).join('; ')}`,
            remedy:
              'Abort the migration of the other control plane there, or release the guard that is not needed with npx sluice forget. If both refuse, see "Remove Sluice by hand" in the runbook',
          },
        ]),
  ];
}

/**
 * Guards are a pair only if both were registered for these two databases: guards of two migrations of one name, or a guard in a
 * restored copy, which still names the original, do not say together which side serves.
 */
function strangerProblems({ deployed, migration }: Found, guard: FoundGuard): Problem[] {
  const others = SIDES.filter((side) => guard.ends[side] !== deployed[side]);
  if (others.length === 0) return [];
  const named = others.map((side) => `${side} ${guard.ends[side] ?? 'unknown'}, not ${deployed[side]}`);
  return [
    {
      check: 'same-pair',
      subject: describeGuard(guard),
      found: `it was registered for the ${named.join(', and for the ')}`,
      remedy: `Name the databases of the guard in the definition, and adopt again. If its database is a restored copy, release it: npx sluice forget ${migration}`,
    },
  ];
}

/** The generation's abort and its last stages use the databases that it was started with. */
const changedEnd = ({ migration }: Found, side: Side): Problem => ({
  check: 'same-endpoints',
  subject: side,
  found: `the deployed definition names another database than the one that the generation of migration ${migration} was started with`,
  remedy: `Adopt with the earlier endpoint in the definition. If the new one is a restored copy, release its guards: npx sluice forget ${migration} --side ${side}. If the control table was restored with it, adopt then`,
});

const noGuards = ({ migration }: Found): Problem => ({
  check: 'guards-exist',
  subject: 'guards',
  found: `neither database has a guard of migration ${migration}`,
  remedy:
    'Nothing needs to be adopted. Check --env and the endpoints of the definition, or start the migration',
});

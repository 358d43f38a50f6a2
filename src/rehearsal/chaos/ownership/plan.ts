/** Selects the attacks of a seed. */
import type { Shape } from '../../../contract/lifecycle';
import { seededFraction } from '../../faults';
import { ATTACKS, RIVAL_OF, type AttackKind } from './attack';
import { MOMENTS, type Moment } from './moments';

/** A moment in one generation of the migration. */
export interface MomentOfGeneration {
  readonly generation: number;
  readonly moment: Moment;
}

export interface PlannedAttack extends MomentOfGeneration {
  readonly kind: AttackKind;
  /** Whether the second deployment passes its preflight before the migration starts, and continues at the moment. */
  readonly early: boolean;
  /** When the ledger was copied; null unless it is restored. */
  readonly copied: MomentOfGeneration | null;
}

export interface OwnershipPlan {
  readonly seed: number;
  readonly migration: string;
  readonly shape: Shape;
  /** When the first generation is aborted, by one or two aborts at once; null: the first generation finishes. */
  readonly abort: { readonly moment: Moment; readonly twice: boolean } | null;
  readonly attacks: readonly PlannedAttack[];
}

export interface OwnershipChoices {
  /** Used in turn. */
  readonly migrations: readonly { readonly name: string; readonly shape: Shape }[];
}

const SHARE_OF_PAIRS = 0.4;
const SHARE_OF_ABORTS = 0.3;
/** The moment between flip and opening is chosen more often: neither side is open, and only the target may be opened. */
const WEIGHT_OF_FLIPPED = 4;
/** Attacks that pass their preflight first: they abort what their own ledger calls running. */
const ALWAYS_EARLY: readonly AttackKind[] = ['foreign-abort-while-running'];

/** The plan depends only on the seed. Sixteen consecutive seeds perform each attack on both migrations. */
export function ownershipPlanOf(seed: number, { migrations }: OwnershipChoices): OwnershipPlan {
  const turn = Math.floor(seed / ATTACKS.length);
  const { name, shape } = migrations[(seed + turn) % migrations.length]!;
  const kinds = kindsOf(seed);
  const select = selector(seed, shape);
  const twice = kinds.includes('two-aborts') ? select.any('two aborts', MOMENTS[shape].slice(1)) : null;
  const isTooLate = twice !== null && !canAbortAt(shape, twice);
  const needsAbort = kinds.includes('late-abort') || select.fraction('abort') < SHARE_OF_ABORTS;
  const before = MOMENTS[shape].slice(1).filter((moment) => canAbortAt(shape, moment));
  const abort =
    twice !== null && !isTooLate
      ? { moment: twice, twice: true }
      : needsAbort
        ? { moment: select.any('abort moment', before), twice: false }
        : null;
  const last = abort === null ? 1 : 2;
  const attacks = kinds.map((kind): PlannedAttack =>
    kind === 'two-aborts'
      ? { kind, generation: isTooLate ? last : 1, moment: twice!, early: false, copied: null }
      : attackOf(kind, select, shape, abort?.moment ?? null),
  );
  return { seed, migration: name, shape, abort, attacks };
}

/** One or two kinds, of which at most one needs a second deployment of its own kind. */
function kindsOf(seed: number): readonly AttackKind[] {
  const first = ATTACKS[seed % ATTACKS.length]!;
  if (seededFraction(seed, 'ownership', 'how many') >= SHARE_OF_PAIRS) return [first];
  const others = ATTACKS.filter((kind) => kind !== first && RIVAL_OF[kind] !== RIVAL_OF[first]);
  return [first, elementAt(others, seededFraction(seed, 'ownership', 'second'))];
}

function attackOf(kind: AttackKind, select: Selector, shape: Shape, abortedAt: Moment | null): PlannedAttack {
  const isRestored = RIVAL_OF[kind] === 'restored';
  const moments = momentsOf(shape, abortedAt).filter(
    ({ generation, moment }) =>
      moment !== 'started' &&
      (moment !== 'aborted' || kind === 'late-abort') &&
      (kind !== 'late-abort' || generation === 2 || moment === 'aborted'),
  );
  const at = select.any(kind, moments.flatMap(weighted));
  const isBefore = (seen: MomentOfGeneration): boolean => orderOf(shape, seen) < orderOf(shape, at);
  return {
    ...at,
    kind,
    early: ALWAYS_EARLY.includes(kind) || (isRival(kind) && select.fraction(`${kind} early`) < 0.5),
    copied: isRestored ? select.any(`${kind} copied`, momentsOf(shape, abortedAt).filter(isBefore)) : null,
  };
}

const weighted = (at: MomentOfGeneration): readonly MomentOfGeneration[] =>
  at.moment === 'flipped' ? Array.from({ length: WEIGHT_OF_FLIPPED }, () => at) : [at];

const isRival = (kind: AttackKind): boolean => RIVAL_OF[kind] === 'foreign' || RIVAL_OF[kind] === 'recreated';

/** Every moment of a plan, in order. */
function momentsOf(shape: Shape, abortedAt: Moment | null): readonly MomentOfGeneration[] {
  const all = MOMENTS[shape];
  const first = abortedAt === null ? all : [...all.slice(0, all.indexOf(abortedAt) + 1), 'aborted' as const];
  return [
    ...first.map((moment) => ({ generation: 1, moment })),
    ...(abortedAt === null ? [] : all.map((moment) => ({ generation: 2, moment }))),
  ];
}

function orderOf(shape: Shape, { generation, moment }: MomentOfGeneration): number {
  const order = moment === 'aborted' ? MOMENTS[shape].length : MOMENTS[shape].indexOf(moment);
  return generation * 100 + order;
}

/** After the flip, and during the call that a cutover makes after its decision, the source is not returned to. */
const canAbortAt = (shape: Shape, moment: Moment): boolean =>
  MOMENTS[shape].indexOf(moment) < MOMENTS[shape].indexOf('flipped');

const elementAt = <T>(all: readonly T[], fraction: number): T => all[Math.floor(fraction * all.length)]!;

interface Selector {
  fraction(purpose: string): number;
  any<T>(purpose: string, of: readonly T[]): T;
}

function selector(seed: number, shape: Shape): Selector {
  const fraction = (purpose: string): number => seededFraction(seed, 'ownership', shape, purpose);
  return { fraction, any: (purpose, of) => elementAt(of, fraction(purpose)) };
}

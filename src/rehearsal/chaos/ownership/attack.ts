/** The attacks of `--only ownership`: late, repeated and foreign calls that must leave the owning generation untouched. */

export const ATTACKS = [
  'foreign-start',
  'foreign-start-and-abort',
  'foreign-abort-while-running',
  'late-abort',
  'two-aborts',
  'restored-abort',
  'restored-start',
  'recreated-ledger',
] as const;
export type AttackKind = (typeof ATTACKS)[number];

/** The ledger of the deployment that attacks; null: the attack uses the migration's own machines. */
export type RivalKind = 'foreign' | 'restored' | 'recreated';

export const RIVAL_OF: Readonly<Record<AttackKind, RivalKind | null>> = {
  'foreign-start': 'foreign',
  'foreign-start-and-abort': 'foreign',
  'foreign-abort-while-running': 'foreign',
  'late-abort': null,
  'two-aborts': null,
  'restored-abort': 'restored',
  'restored-start': 'restored',
  'recreated-ledger': 'recreated',
};

/** How a call of an attack ended. */
export interface Outcome {
  /** The call, e.g. `start`. */
  readonly call: string;
  /** Name of the error, `ignored` for an abort that did nothing, or `accepted`. */
  readonly error: string;
  /** Why, as the product says it. */
  readonly sentence: string;
}

export interface PerformedAttack {
  readonly kind: AttackKind;
  /** The generation that it met, and the moment in that generation. */
  readonly generation: number;
  readonly moment: string;
  readonly outcomes: readonly Outcome[];
}

export const isRefused = ({ error }: Outcome): boolean => error !== 'accepted' && error !== 'unfinished';

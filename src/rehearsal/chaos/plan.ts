import { seededFraction, FAULTS, stopsMigration, type Fault } from '../faults';

/** The rehearsal of one seed. */
export interface SeedPlan {
  readonly seed: number;
  readonly migration: string;
  readonly faults: readonly Fault[];
}

/** The migrations and faults from which a seed selects. */
export interface SeedChoices {
  /** Used in turn. `canBeStopped`: whether faults that stop a migration can be injected. */
  readonly migrations: readonly { readonly name: string; readonly canBeStopped: boolean }[];
  readonly faults: readonly Fault[];
}

const SHARE_OF_PAIRS = 0.5;

/** Selects a migration and one or two faults. The result depends only on the seed, not on earlier seeds. */
export function planOf(seed: number, { migrations, faults }: SeedChoices): SeedPlan {
  const { name, canBeStopped } = migrations[seed % migrations.length]!;
  const possible = faults.filter((fault) => canBeStopped || !stopsMigration(fault));
  const ranked = [...possible].sort((left, right) => rankOf(seed, left) - rankOf(seed, right));
  const count = seededFraction(seed, 'chaos', 'how many') < SHARE_OF_PAIRS ? 2 : 1;
  const chosen = new Set(ranked.slice(0, count));
  return { seed, migration: name, faults: FAULTS.filter((fault) => chosen.has(fault)) };
}

const rankOf = (seed: number, fault: Fault): number => seededFraction(seed, 'chaos', 'rank', fault);

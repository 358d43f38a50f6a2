import type { Shape } from '../../contract/lifecycle';
import type { Side } from '../../contract/sides';
import type { DatabaseNames } from '../definition/same-database';
import type { Problem } from '../errors';
import type { MigrationRecord } from '../ledger';
import type { AdoptedAs } from './adopted-as';
import type { FoundGuard, FoundSide } from './ports';

/** Everything that an adoption is decided on. */
export interface Found {
  readonly migration: string;
  readonly environment: string;
  /** This control plane's id. */
  readonly owner: string;
  readonly record: MigrationRecord | null;
  /** Of the deployed definition. */
  readonly shape: Shape;
  /** The databases that the deployed definition names. */
  readonly deployed: DatabaseNames;
  /** Sides at which the deployed definition has another database than the record's generation was started with. */
  readonly changedEnds: readonly Side[];
  readonly sides: Readonly<Record<Side, FoundSide>>;
}

export interface AdoptionPlan {
  readonly kind: 'adopt';
  readonly seen: MigrationRecord | null;
  readonly generation: number;
  readonly epoch: number;
  readonly adopted: AdoptedAs;
  /** Whether this ledger does not know the generation, so that it takes its attributes from the deployed definition. */
  readonly isNewGeneration: boolean;
  /** In the order of adoption: a closed guard first, so that it stays closed when the other one changes its owner. */
  readonly guards: readonly { readonly side: Side; readonly seen: FoundGuard }[];
  /** Sides at which Sluice is installed, where this control plane's worker needs its rights. */
  readonly installed: readonly Side[];
  /** Sentences about what would happen. */
  readonly effects: readonly string[];
}

/** `nothing`: the guards are this control plane's, and accept its ledger. */
export type AdoptionDecision =
  | AdoptionPlan
  | { readonly kind: 'nothing'; readonly why: string }
  | { readonly kind: 'refused'; readonly problems: readonly Problem[] };

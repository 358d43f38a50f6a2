/** Which migration the programs of a scenario are about, and what their jobs act on. */
import type { Shape } from '../../../src/contract/lifecycle';
import type { ChunkItem, Run } from '../../../src/contract/payloads';
import type { World } from '../../../src/core/world';
import type { Ports } from '../actor';
import { definitionOf, MIGRATION, TABLE } from '../memory/scene';
import { worldOf } from '../memory/world';

export interface Cast {
  readonly shape: Shape;
  /** Boundaries that a plan cuts within the rows. */
  readonly cuts: 0 | 1;
}

export const GENERATION = 1;
export const DIRECTION = 'forward';

export const worldFor = ({ shape, cuts }: Cast, { ask, clock }: Ports): World =>
  worldOf({ definition: definitionOf(shape), ask, clock, cuts, isRunning: () => false });

/** Histories are empty throughout: counting their events would multiply the states. */
const EVENTS = 0;

export const runOf = ({ shape }: Cast, execution: string): Run => ({
  migration: MIGRATION,
  generation: GENERATION,
  execution,
  shape,
  direction: DIRECTION,
  events: EVENTS,
});

export const chunkItem = (chunk: number): ChunkItem => ({
  migration: MIGRATION,
  generation: GENERATION,
  direction: DIRECTION,
  table: TABLE,
  chunk,
});

export const applierItem = (applier: number, execution: string) => ({
  migration: MIGRATION,
  generation: GENERATION,
  direction: DIRECTION,
  execution,
  applier,
  appliers: 1,
});

export const syncRound = (execution: string) => ({
  migration: MIGRATION,
  generation: GENERATION,
  direction: DIRECTION,
  execution,
  startedBy: 'execution-1',
  events: EVENTS,
});

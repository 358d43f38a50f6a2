/** The migration that a scenario's programs work on, and the inputs of their jobs. */
import type { Shape } from '../../../src/contract/lifecycle';
import type { ChunkItem, Run } from '../../../src/contract/payloads';
import type { World } from '../../../src/core/world';
import type { Ports } from '../actor';
import { definitionOf, MIGRATION, TABLE } from '../memory/scene';
import { worldOf } from '../memory/world';

export interface Subject {
  readonly shape: Shape;
  /** Number of boundaries in a plan. */
  readonly cuts: 0 | 1;
}

export const GENERATION = 1;
export const DIRECTION = 'forward';

export const worldFor = ({ shape, cuts }: Subject, { send, clock }: Ports): World =>
  worldOf({ definition: definitionOf(shape), send, clock, cuts, isRunning: () => false });

/** Execution histories stay empty, because counting events would multiply the states. */
const EVENTS = 0;

export const runOf = ({ shape }: Subject, execution: string): Run => ({
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

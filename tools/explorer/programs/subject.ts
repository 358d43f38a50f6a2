/** The migration that a scenario's programs work on, and the inputs of their jobs. */
import type { Shape } from '../../../src/contract/lifecycle';
import type { ChunkItem, ContinueWith, DeployedCode, Run } from '../../../src/contract/payloads';
import type { World } from '../../../src/core/world';
import type { Ports } from '../actor';
import { definitionOf, FIRST, MIGRATION, TABLE, type Plane } from '../memory/scene';
import { worldOf } from '../memory/world';

export interface Subject {
  readonly shape: Shape;
  /** Number of boundaries in a plan. */
  readonly cuts: 0 | 1;
  /** @default 1 */
  readonly generation?: number;
  /** Control plane that the programs belong to. @default the first */
  readonly plane?: Plane;
  /** Code version of its executions. @default the first */
  readonly code?: string;
  /** Code version that its executions pretend to run: as if nothing compared it. @default their own */
  readonly pretends?: string;
  /** Whether a claim may replace the recorded code by its own. @default recorded */
  readonly continueWith?: ContinueWith;
  /** Whether its guards are armed and disarmed, in a scenario that explores their triggers. @default false */
  readonly triggers?: boolean;
}

const GENERATION = 1;
export const generationOf = ({ generation = GENERATION }: Subject): number => generation;
export const DIRECTION = 'forward';

const CODE = 'code-1';

/** The code of a subject's executions, and the version of `Sync` that belongs to it. */
export const codeOf = ({ code = CODE, pretends = code }: Subject): DeployedCode => ({
  code: pretends,
  syncMachine: `Sync of ${pretends}`,
});

/** An execution's name, from which `runsCode` reads its code. */
export const executionOf = ({ code = CODE }: Subject, name: string): string =>
  code === CODE ? name : `${name}@${code}`;

export const runsCode = (execution: string): string => execution.split('@')[1] ?? CODE;

/** Distinguishes the jobs of different subjects; empty for the usual one. */
export const subjectName = ({
  generation = GENERATION,
  plane = FIRST,
  code = CODE,
  pretends,
}: Subject): string =>
  `${generation === GENERATION ? '' : ` of generation ${generation}`}${plane.items === '' ? '' : `, ${plane.items}`}${code === CODE ? '' : `, ${code}`}${pretends === undefined ? '' : ` as ${pretends}`}`;

export const worldFor = (
  { shape, cuts, plane = FIRST, triggers = false }: Subject,
  { send, clock }: Ports,
): World =>
  worldOf({ definition: definitionOf(shape), send, clock, cuts, plane, triggers, isRunning: () => false });

/** Execution histories stay empty, because counting events would multiply the states. */
const EVENTS = 0;

export const runOf = (subject: Subject, execution: string): Run => ({
  migration: MIGRATION,
  generation: generationOf(subject),
  execution,
  shape: subject.shape,
  direction: DIRECTION,
  events: EVENTS,
});

export const chunkItem = (subject: Subject, chunk: number): ChunkItem => ({
  migration: MIGRATION,
  generation: generationOf(subject),
  direction: DIRECTION,
  table: TABLE,
  chunk,
});

export const applierItem = (subject: Subject, applier: number, execution: string) => ({
  migration: MIGRATION,
  generation: generationOf(subject),
  direction: DIRECTION,
  execution,
  applier,
  appliers: 1,
});

export const syncRound = (subject: Subject, execution: string) => ({
  migration: MIGRATION,
  generation: generationOf(subject),
  direction: DIRECTION,
  execution,
  startedBy: 'execution-1',
  ...codeOf(subject),
  events: EVENTS,
});

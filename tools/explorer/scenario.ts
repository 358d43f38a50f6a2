/** The parts of a scenario. Each protocol has a file in `scenarios/`. */
import type { Shape } from '../../src/contract/lifecycle';
import type { Job, Outcome } from './actor';
import type { Request, Rows, State } from './memory/state';

/** Where a program continues after a job. */
export interface Successor {
  /** Null: the program ends. */
  readonly place: string | null;
  /** A transient error has no attempts left. @default false */
  readonly exhausted?: boolean;
}

/** A worker: a sequence of jobs, as a state machine would invoke them. */
export interface Program {
  readonly name: string;
  /** Workers of one kind are interchangeable, so states that differ only by swapping them are equal. */
  readonly kind?: string;
  readonly first: string;
  /** The job at a place of the program. */
  job(place: string): Job;
  /** All possible successors, at least one; the first applies while attempts are left. */
  next(place: string, outcome: Outcome): readonly Successor[];
  /** Step Functions may abandon a job that still runs; it then continues concurrently with its successor. */
  readonly mayBeAbandoned?: boolean;
  /** Errors that its jobs may end with besides those of `Scenario.mayFailWith`. @default none */
  readonly mayFailWith?: readonly string[];
}

/** Programs that run in turns, until the first one ends or, if it is given, a condition holds. */
export type SetupGroup = readonly Program[] | Interrupted | Started;

/** A worker that starts during the setup and stops before a request, which it makes in the scenario. */
export interface Started {
  /** Name of the worker. */
  readonly worker: string;
  readonly before: (request: Request) => boolean;
}

export interface Interrupted {
  readonly programs: readonly Program[];
  readonly until: (state: State) => boolean;
}

export interface Scenario {
  readonly name: string;
  /** A one-sentence description. */
  readonly about: string;
  readonly shape: Shape;
  /** Number of boundaries in a plan. */
  readonly cuts: 0 | 1;
  /** Whether the guards' triggers are explored. @default false: they are always complete */
  readonly triggers?: boolean;
  /** The source's initial rows. */
  readonly rows: Rows;
  /** Groups of programs that run to their ends before the scenario starts, in turns and without faults. */
  readonly setup: readonly SetupGroup[];
  /** Requests of the setup of which a late copy may arrive at any time. @default none */
  readonly lateFromSetup?: (request: Request) => boolean;
  readonly workers: readonly Program[];
  /** Invocations that may be abandoned. */
  readonly zombiesMax: number;
  /** Requests whose reply may be lost, or that may be delayed or executed twice. */
  readonly faultsMax: number;
  /** Requests that faults may affect. @default every request that may change something */
  readonly faulty?: (request: Request) => boolean;
  /**
   * Errors that any job may end with, besides transient errors and those of superseded workers; any other error is a finding.
   * @default none
   */
  readonly mayFailWith?: readonly string[];
  /** Requests whose reply never changes; they are not separate steps. Checked in every state. */
  readonly settled?: (request: Request) => boolean;
  /** After all workers have died, these programs must reach an end that `goal` accepts. */
  readonly recovery: readonly Program[];
  /** @returns the violation at the end, or null */
  goal(state: State): string | null;
  /** Bound on distinct states. */
  readonly statesMax: number;
}

/** A change that disables one protection. */
export interface Mutation {
  readonly name: string;
  /** Rewrites a request as it would be without the protection. */
  mutate?(request: Request): Request;
  /** Reads of the control table may return its state at the start; each such read counts as a fault. */
  readonly staleReads?: boolean;
  /** An applier's write may use the chunks' state at the start; each such write counts as a fault. */
  readonly staleVerdicts?: boolean;
}

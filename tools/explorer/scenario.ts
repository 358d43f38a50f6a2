/** What a scenario is made of. One file in `scenarios/` each; a new protocol adds one. */
import type { Shape } from '../../src/contract/lifecycle';
import type { Job, Outcome } from './actor';
import type { Request, Rows, State } from './memory/state';

/** Where a program continues after a job. */
export interface Successor {
  /** Null: the program ends. */
  readonly place: string | null;
  /** The error may pass, and no attempt is left for it. @default false */
  readonly exhausted?: boolean;
}

/** A worker: one job after another, as a state machine would invoke them. */
export interface Program {
  readonly name: string;
  /** Workers of one kind do the same: which of them is where makes no difference. */
  readonly kind?: string;
  readonly first: string;
  /** The job at a place of the program. */
  job(place: string): Job;
  /** Everything that may follow an outcome, at least one; the first is what follows while attempts are left. */
  next(place: string, outcome: Outcome): readonly Successor[];
  /** Step Functions may give up on a job that still runs, which continues concurrently with what follows. */
  readonly mayBeGivenUp?: boolean;
  /** Errors that its jobs may end with besides those of `Scenario.mayFailWith`. @default none */
  readonly mayFailWith?: readonly string[];
}

export interface Scenario {
  readonly name: string;
  /** What it is about, in a sentence. */
  readonly about: string;
  readonly shape: Shape;
  /** Boundaries that a plan cuts within the rows. */
  readonly cuts: 0 | 1;
  /** The source's rows at first. */
  readonly rows: Rows;
  /** Run one after another to their ends, in turns and without faults: what the scenario starts from. */
  readonly setup: readonly (readonly Program[])[];
  /** The last of the setup dies in the first state in which this holds. @default it runs to its end */
  readonly startsWhen?: (state: State) => boolean;
  readonly workers: readonly Program[];
  /** Invocations that may be given up on. */
  readonly zombiesMax: number;
  /** Requests that may lose their answer, come late, or be executed twice. */
  readonly faultsMax: number;
  /** Which requests faults befall. @default every one that may change something */
  readonly faulty?: (request: Request) => boolean;
  /**
   * Errors that any job may end with, besides those that may pass and those that say that another actor decides; any other is a
   * finding. @default none
   */
  readonly mayFailWith?: readonly string[];
  /** Requests that are answered the same throughout: no steps. That they are is checked in every state. */
  readonly settled?: (request: Request) => boolean;
  /** After everything has died, these come to an end that `isGoal` accepts. */
  readonly recovery: readonly Program[];
  /** What is not as it should be at the end, or null. */
  goal(state: State): string | null;
  /** Distinct states after which the search ends, though there are more. */
  readonly statesMax: number;
}

/** Takes one protection away. */
export interface Sabotage {
  readonly name: string;
  /** Requests as they would be without. */
  weaken?(request: Request): Request;
  /** Reads of the control table may be answered by a copy that has seen nothing since the start: counts as a fault. */
  readonly staleReads?: boolean;
  /** An applier's write may decide by what chunks were at the start: counts as a fault. */
  readonly staleVerdicts?: boolean;
}

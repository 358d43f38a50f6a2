/** The state machines `Migration` and `Abort`, and single invocations of their functions. */
import { ERRORS } from '../../../src/contract/errors';
import { ABORT, migrationOf, type Machine, type StepId } from '../../../src/contract/lifecycle';
import type { Outcome } from '../actor';
import type { Program } from '../scenario';
import { executionOf, type Subject } from './subject';
import { coreFunctions, jobOf, OVER, type Functions } from './functions';
import { Walk } from './walk';

/** The tables that programs interpret and the functions that they invoke; tests may replace them. */
export interface Tables {
  /** @default the subject's shape of `Migration` */
  readonly machine?: Machine;
  /** @default the functions of the core */
  readonly functions?: () => Functions;
}

export interface Extent {
  /** First step. @default the machine's */
  readonly from?: StepId;
  /** The program ends instead of entering one of these steps. @default it runs to the end */
  readonly before?: readonly StepId[];
  readonly execution?: string;
  /** Whether an error that no row handles holds or aborts the migration. @default held */
  readonly onError?: 'held' | 'abort';
  readonly mayBeAbandoned?: boolean;
  readonly name?: string;
}

/** The state machine `Migration`. */
export function migration(subject: Subject, extent: Extent = {}, tables: Tables = {}): Program {
  const { from, before = [], onError = 'held' } = extent;
  const execution = executionOf(subject, extent.execution ?? 'execution-1');
  const { machine = migrationOf(subject.shape), functions = coreFunctions } = tables;
  const walk = new Walk({ machine, before, afterFailure: onError === 'abort' ? ABORT.steps : held(machine) });
  return {
    name: extent.name ?? `migration ${execution}`,
    first: walk.start(from),
    mayBeAbandoned: extent.mayBeAbandoned ?? false,
    mayFailWith: handledBy(machine),
    job: (place) => jobOf(subject, execution, walk.invocationAt(place), functions),
    next: (place, outcome) => (isOver(outcome) ? [{ place: null }] : walk.next(place, outcome)),
  };
}

/** Records the failure and ends. */
const held = ({ onFailure }: Machine) =>
  onFailure ? [onFailure, { id: 'failed', kind: 'end' } as const] : [];

const isOver = (outcome: Outcome): boolean => 'ok' in outcome && outcome.ok === OVER;

/** Errors for which the machine has a separate path, besides those that any step may end with. */
const handledBy = ({ steps }: Machine): readonly string[] =>
  steps.some((step) => 'errors' in step && step.errors?.fenceExpired !== undefined)
    ? [ERRORS.fenceExpired]
    : [];

/** The state machine `Abort`. */
export function abort(subject: Subject, name = 'abort', mayBeAbandoned = false): Program {
  const walk = new Walk({ machine: ABORT });
  return {
    name,
    first: walk.start(),
    mayBeAbandoned,
    job: (place) => jobOf(subject, name, walk.invocationAt(place)),
    next: (place, outcome) => walk.next(place, outcome),
  };
}

/** A single step of `Abort`: an abandoned invocation of it. */
export function abortStep(subject: Subject, step: (typeof ABORT)['steps'][number]['id']): Program {
  const walk = new Walk({ machine: ABORT });
  return {
    name: `late ${step}`,
    first: walk.start(step),
    job: (place) => jobOf(subject, `late ${step}`, walk.invocationAt(place)),
    next: () => [{ place: null }],
  };
}

/** A single step of `Migration`: a duplicate of an invocation. */
export function once(subject: Subject, name: string, step: StepId, execution = 'execution-1'): Program {
  const program = migration(subject, { from: step, execution, name });
  const isRepeated = (place: string, outcome: Outcome) => program.next(place, outcome)[0]?.place === place;
  return {
    ...program,
    next: (place, outcome) => [{ place: 'error' in outcome && isRepeated(place, outcome) ? place : null }],
  };
}

/** Events that a machine adds to its history, of which Step Functions takes 25,000 in one execution. Source: its service quotas. */
import { isInvoking, everyMachine } from '.';
import { nextStep } from './interpret';
import { retriesMax } from './retry';
import type { Machine, Step, StepId } from './model';

export const HISTORY_EVENTS_MAX = 25_000;

/** Entered, scheduled, started, succeeded, exited. */
const TASK_EVENTS = 5;
/** Failed, scheduled, started. */
const RETRY_EVENTS = 3;
/** Entered and exited: a choice, a pass, a wait, the end. */
const PLAIN_EVENTS = 2;
/** Entered, map started, run started, run succeeded, map succeeded, exited. */
const DISTRIBUTED_MAP_EVENTS = 6;
/** Entered, map started, map succeeded, exited. */
const INLINE_MAP_EVENTS = 4;
/** Iteration started and succeeded. */
const ITERATION_EVENTS = 2;
/** The execution starts and ends; its input is checked and completed; its shape is chosen; a failure is recorded. */
const AROUND_EVENTS = 16;

/** Maximum number of events of one visit to a step that uses every retry. A gate's Choice state is included. */
export function eventsMax(step: Step): number {
  switch (step.kind) {
    case 'task':
    case 'gate':
      return invocationEvents(retriesMax(step.retry)) + (step.kind === 'gate' ? PLAIN_EVENTS : 0);
    case 'start':
      return invocationEvents(retriesMax(step.retry));
    case 'stop':
      return PLAIN_EVENTS + invocationEvents(STOP_RETRIES_MAX);
    case 'map':
      return step.mode === 'distributed'
        ? DISTRIBUTED_MAP_EVENTS
        : INLINE_MAP_EVENTS + step.itemsMax * (ITERATION_EVENTS + sum(step.each.map(eventsMax)));
    case 'wait':
    case 'end':
      return PLAIN_EVENTS;
  }
}

/** An execution that cannot be stopped is left alone soon: it must not hold up an abort. */
export const STOP_RETRIES_MAX = 2;

const invocationEvents = (retries: number): number => TASK_EVENTS + RETRY_EVENTS * retries;

/**
 * Events that a gate accounts for when it returns: its own, with the retries that it really took, and at most those of the steps that
 * follow it up to the next gate, and of the steps whose failure led to it, neither of which can report their own.
 */
export function gateEvents(functionName: string, retries: number): number {
  known ??= unreported(everyMachine());
  return invocationEvents(retries) + PLAIN_EVENTS + (known.get(functionName) ?? 0);
}

let known: ReadonlyMap<string, number> | undefined;

/** Function of a gate → most events besides its own that it has to account for, wherever it is invoked. */
export function unreported(machines: readonly Machine[]): ReadonlyMap<string, number> {
  const events = new Map<string, number>();
  for (const machine of machines) {
    for (const step of machine.steps) {
      if (step.kind !== 'gate') continue;
      const ahead = Object.values(step.verdicts).map((id) => eventsAhead(machine, id));
      const most = Math.max(0, ...ahead) + eventsOfFailures(machine, step.id);
      events.set(step.function.name, Math.max(most, events.get(step.function.name) ?? 0));
    }
  }
  return events;
}

/** Maximum number of events from a step to the next gate, or to the end. */
function eventsAhead(machine: Machine, id: StepId, seen: readonly StepId[] = []): number {
  const step = machine.steps.find((candidate) => candidate.id === id);
  if (!step || step.kind === 'gate' || seen.includes(id)) return 0;
  const further = successors(machine, step).map((next) => eventsAhead(machine, next, [...seen, id]));
  return eventsMax(step) + Math.max(0, ...further);
}

/** Maximum number of events of consecutive gates that fail, and of the steps between them, before the step `id`. */
function eventsOfFailures(machine: Machine, id: StepId, seen: readonly StepId[] = []): number {
  if (seen.includes(id)) return 0;
  const before = (step: Step): number => eventsOfFailures(machine, step.id, [...seen, id]);
  const events = machine.steps.map((step) => {
    if (step.kind === 'gate') return errorTargets(step).includes(id) ? eventsMax(step) + before(step) : 0;
    // The gate that returned a verdict accounts for the steps after it.
    const failed = successors(machine, step).includes(id) ? before(step) : 0;
    return failed === 0 ? 0 : eventsMax(step) + failed;
  });
  return Math.max(0, ...events);
}

/** Maximum number of events before the first gate, which no gate accounts for. */
export function eventsBeforeGates(machine: Machine): number {
  const [first] = machine.steps;
  return AROUND_EVENTS + (first ? eventsAhead(machine, first.id) : 0);
}

/**
 * Maximum number of events that an execution has beyond the count at which a bounded gate last let it pass: those before
 * the first gate, which no gate accounts for; every step once, with every retry, since every cycle holds a bounded gate; and
 * the gate that refuses.
 */
export const worstTail = (machine: Machine): number =>
  eventsBeforeGates(machine) +
  sum(machine.steps.map(eventsMax)) +
  Math.max(0, ...machine.steps.filter((step) => step.kind === 'gate').map(eventsMax)) +
  (machine.onFailure ? eventsMax(machine.onFailure) : 0);

/** A cycle without a bounded gate, or null: nothing limits the history of a machine that has one. */
export function unboundedCycle(machine: Machine): readonly StepId[] | null {
  const walk = (id: StepId, path: readonly StepId[]): readonly StepId[] | null => {
    if (path.includes(id)) return [...path.slice(path.indexOf(id)), id];
    const step = machine.steps.find((candidate) => candidate.id === id);
    if (!step) return null;
    // A bounded gate lets an execution pass only while its history has room; its failures are not counted.
    const next = step.kind === 'gate' && step.bounded ? errorTargets(step) : successors(machine, step);
    return first(next.map((each) => walk(each, [...path, id])));
  };
  return first(machine.steps.map(({ id }) => walk(id, [])));
}

/** Every step that a step may lead to. */
export function successors(machine: Machine, step: Step): readonly StepId[] {
  if (step.kind === 'end') return [];
  const next = step.kind === 'gate' ? Object.values(step.verdicts) : [nextStep(machine, step)];
  return [...next, ...errorTargets(step)];
}

const errorTargets = (step: Step): readonly StepId[] =>
  isInvoking(step) ? Object.values({ ...step.errors } as Record<string, StepId>) : [];

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

const first = <T>(values: readonly (T | null)[]): T | null => values.find((value) => value !== null) ?? null;

/** Events that a machine adds to its history, of which Step Functions takes 25,000 in one execution. Source: its service quotas. */
import { retriesMax } from './retry';
import { isInvoking, everyMachine } from './index';
import type { Invoking, Machine, Step } from './model';

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
/** The execution starts and ends; its input is checked; its shape is chosen; a failure is recorded. */
const AROUND_EVENTS = 12;

/** Most events of one visit to a step, every retry used; of a gate, its choice included. */
export function eventsMax(step: Step): number {
  switch (step.kind) {
    case 'task':
    case 'gate':
      return invocationEvents(retriesMax(step.retry)) + (step.kind === 'gate' ? PLAIN_EVENTS : 0);
    case 'start':
      return invocationEvents(retriesMax(step.retry));
    case 'stop':
      return PLAIN_EVENTS + invocationEvents(2);
    case 'map':
      return step.mode === 'distributed'
        ? DISTRIBUTED_MAP_EVENTS
        : INLINE_MAP_EVENTS +
            step.itemsMax * (ITERATION_EVENTS + step.each.reduce((sum, each) => sum + eventsMax(each), 0));
    case 'wait':
    case 'end':
      return PLAIN_EVENTS;
  }
}

const invocationEvents = (retries: number): number => TASK_EVENTS + RETRY_EVENTS * retries;

/**
 * Events that a gate accounts for when it returns: its own, with the retries that it really took, and at most those of the steps that
 * follow it up to the next gate, and of the step whose failure led to it, neither of which can report its own.
 */
export function gateEvents(functionName: string, retries: number): number {
  return invocationEvents(retries) + PLAIN_EVENTS + (unreported().get(functionName) ?? 0);
}

let known: ReadonlyMap<string, number> | undefined;

/** Function of a gate → most events beside its own that it has to account for. */
function unreported(): ReadonlyMap<string, number> {
  known ??= new Map(
    everyMachine()
      .flatMap((machine) => machine.steps.map((step) => ({ machine, step })))
      .filter(({ step }) => step.kind === 'gate')
      .map(({ machine, step }): [string, number] => [
        (step as Invoking).function.name,
        Math.max(0, ...failingInto(machine, step)) + Math.max(0, ...betweenGates(machine, step)),
      ])
      .sort(([, left], [, right]) => left - right),
  );
  return known;
}

const failingInto = (machine: Machine, step: Step): number[] =>
  machine.steps
    .filter((from) => isInvoking(from) && Object.values(from.errors ?? {}).includes(step.id))
    .map(eventsMax);

/** Events of each way from a gate to the next gate, or to the end. */
function betweenGates(machine: Machine, gate: Step): number[] {
  if (gate.kind !== 'gate') return [];
  return Object.values(gate.verdicts).map((id) => tail(machine, id, new Set()));
}

function tail(machine: Machine, id: string, seen: ReadonlySet<string>): number {
  const step = machine.steps.find((candidate) => candidate.id === id);
  if (!step || step.kind === 'gate' || step.kind === 'end' || seen.has(id)) return 0;
  const next = ('next' in step && step.next) || machine.steps[machine.steps.indexOf(step) + 1]?.id;
  return eventsMax(step) + (next === undefined ? 0 : tail(machine, next, new Set([...seen, id])));
}

/**
 * Most events that an execution can add after a bounded gate let it pass for the last time, or before it reached the first: every step once
 * with every retry, but no cycle, since every cycle holds a bounded gate.
 */
export const worstTail = (machine: Machine): number =>
  AROUND_EVENTS +
  machine.steps.reduce((sum, step) => sum + eventsMax(step), 0) +
  (machine.onFailure ? eventsMax(machine.onFailure) : 0);

/** Whether every cycle of a machine holds a bounded gate: without one, nothing limits its history. */
export function unboundedCycle(machine: Machine): readonly string[] | null {
  const nextOf = (step: Step): readonly string[] => {
    const row = machine.steps[machine.steps.indexOf(step) + 1]?.id;
    const next = 'next' in step && step.next ? [step.next] : row === undefined ? [] : [row];
    const errors = isInvoking(step) ? Object.values(step.errors ?? {}) : [];
    if (step.kind === 'end') return [];
    return [...(step.kind === 'gate' ? Object.values(step.verdicts) : next), ...errors];
  };
  const walk = (id: string, path: readonly string[]): readonly string[] | null => {
    if (path.includes(id)) return [...path.slice(path.indexOf(id)), id];
    const step = machine.steps.find((candidate) => candidate.id === id);
    if (!step || (step.kind === 'gate' && step.bounded)) return null;
    for (const next of nextOf(step)) {
      const cycle = walk(next, [...path, id]);
      if (cycle) return cycle;
    }
    return null;
  };
  for (const { id } of machine.steps) {
    const cycle = walk(id, []);
    if (cycle) return cycle;
  }
  return null;
}

/** Finds the step after an outcome. The state machines are compiled from the same rows; a test compares the two. */
import { errorKind } from '../errors';
import type { ErrorPaths, Fan, Machine, Step, StepId } from './model';

/** How one attempt of a step ended. */
export type StepOutcome = { readonly verdict: string | null } | { readonly error: string };

/** Where an outcome leads. `retry`: the same step, if its policy has an attempt left; `fail`: the machine's `onFailure`, then the end. */
export type Next = { readonly step: StepId } | 'retry' | 'fail' | 'end';

export function stepOf(machine: Machine, id: StepId): Step {
  const found = machine.steps.find((step) => step.id === id);
  if (!found)
    throw new Error(
      `${machine.name} has no step ${id}. Its steps: ${machine.steps.map((step) => step.id).join(', ')}`,
    );
  return found;
}

/** The steps of a map's items, as a separate machine: an error that no row handles fails the item. */
export const machineOfItems = (machine: Machine, { each }: Fan): Machine => ({
  name: machine.name,
  timeoutSeconds: machine.timeoutSeconds,
  requires: machine.requires,
  defaults: machine.defaults,
  remedy: machine.remedy,
  eventBudget: machine.eventBudget,
  steps: each,
});

/** The step that a row leads to when no verdict and no error decides: the one that it names, or the row after it. */
export function nextStep(machine: Machine, step: Step): StepId {
  const position = machine.steps.indexOf(step);
  if (position < 0) throw new Error(`${machine.name} has no row ${step.id}`);
  const next = ('next' in step ? step.next : undefined) ?? machine.steps[position + 1]?.id;
  if (next === undefined)
    throw new Error(`${machine.name}: step ${step.id} is the last row and names no next step`);
  return next;
}

/**
 * Everything that may follow an outcome, the first being what follows while attempts are left. An error that may pass has
 * two: a retry, or the path of exhausted retries. A verdict that the row does not know fails.
 */
export function following(machine: Machine, step: Step, outcome: StepOutcome): readonly Next[] {
  if ('error' in outcome) return afterError(machine, step, outcome.error);
  if (step.kind === 'end') return ['end'];
  if (step.kind !== 'gate') return [{ step: nextStep(machine, step) }];
  const next = outcome.verdict === null ? undefined : step.verdicts[outcome.verdict];
  return next === undefined ? ['fail'] : [{ step: next }];
}

function afterError(machine: Machine, step: Step, error: string): readonly Next[] {
  // An execution that cannot be stopped holds nothing up: its workers were fenced before.
  if (step.kind === 'stop') return ['retry', { step: nextStep(machine, step) }];
  const paths: ErrorPaths = 'errors' in step && step.errors ? step.errors : {};
  const other: Next = paths.other === undefined ? 'fail' : { step: paths.other };
  const path = (id: StepId | undefined): Next => (id === undefined ? other : { step: id });
  // The names of the errors with which a start is throttled are not documented, so each of them may pass.
  switch (step.kind === 'start' ? 'transient' : errorKind(error)) {
    case 'transient':
      return 'retry' in step ? ['retry', path(paths.exhausted)] : [path(paths.exhausted)];
    case 'fenceExpired':
      return [path(paths.fenceExpired)];
    case 'other':
      return [other];
  }
}

/** What follows an outcome of a step. The state machines are compiled from the same rows; a test compares the two. */
import { errorKind } from '../errors';
import type { ErrorPaths, Machine, Step, StepId } from './model';

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

/**
 * Everything that may follow an outcome, the first being what follows while attempts are left. An error that may pass has
 * two: a retry, or the path of exhausted retries.
 * @throws Error for a verdict that the table does not know; the machines fail with it, too
 */
export function following(machine: Machine, step: Step, outcome: StepOutcome): readonly Next[] {
  if ('error' in outcome) return afterError(step, outcome.error);
  if (step.kind === 'end') return ['end'];
  if (step.kind !== 'gate')
    return [{ step: 'next' in step && step.next ? step.next : rowAfter(machine, step) }];
  const next = outcome.verdict === null ? undefined : step.verdicts[outcome.verdict];
  return next === undefined ? ['fail'] : [{ step: next }];
}

function rowAfter(machine: Machine, step: Step): StepId {
  const next = machine.steps[machine.steps.indexOf(step) + 1];
  if (!next) throw new Error(`${machine.name}: step ${step.id} is the last row and names no next step`);
  return next.id;
}

function afterError(step: Step, error: string): readonly Next[] {
  const paths: ErrorPaths = 'errors' in step && step.errors ? step.errors : {};
  const other: Next = paths.other === undefined ? 'fail' : { step: paths.other };
  const path = (id: StepId | undefined): Next => (id === undefined ? other : { step: id });
  switch (errorKind(error)) {
    case 'transient':
      return 'retry' in step ? ['retry', path(paths.exhausted)] : [path(paths.exhausted)];
    case 'fenceExpired':
      return [path(paths.fenceExpired)];
    case 'other':
      return [other];
  }
}

/** Paths through a machine of the lifecycle, found by interpreting its table. */
import { type Machine, type Step, isInvoking } from '../../src/contract/lifecycle';
import { following, stepOf, type Next, type StepOutcome } from '../../src/contract/lifecycle/interpret';

export interface Leg {
  readonly step: Step;
  readonly outcome: StepOutcome;
}

/** A transient error, and an error that is a function's decision. */
export const TRANSIENT = 'TransientFailure';
export const DECIDED = 'VerificationFailed';

/** The outcomes that lead from a step to others. A transient error does so once its retries are exhausted. */
export function outcomesOf(step: Step): readonly StepOutcome[] {
  const verdicts = step.kind === 'gate' ? Object.keys(step.verdicts) : [null];
  const { fenceExpired, exhausted, other } = (isInvoking(step) ? step.errors : undefined) ?? {};
  return [
    ...verdicts.map((verdict) => ({ verdict })),
    ...(fenceExpired === undefined ? [] : [{ error: 'FenceExpired' }]),
    ...(exhausted === undefined ? [] : [{ error: TRANSIENT }]),
    ...(other === undefined ? [] : [{ error: DECIDED }]),
  ];
}

/** The shortest path from the first step to another, excluding that step. */
export function pathTo(machine: Machine, target: Step): readonly Leg[] {
  const paths = new Map<Step, readonly Leg[]>([[machine.steps[0]!, []]]);
  for (const [step, path] of paths) {
    if (step === target) return path;
    for (const outcome of step.kind === 'end' ? [] : outcomesOf(step)) {
      const next = following(machine, step, outcome).at(-1)!;
      const reached = isStep(next) ? stepOf(machine, next.step) : undefined;
      if (reached && !paths.has(reached)) paths.set(reached, [...path, { step, outcome }]);
    }
  }
  throw new Error(`No outcome leads to step ${target.id} of ${machine.name}`);
}

export const isStep = (next: Next): next is Exclude<Next, string> => typeof next !== 'string';

/** Names of the states that a step is compiled into. A machine has each name once, so steps of a shape begin with the shape's. */
import { SHAPES, migrationOf, shapeNames, type Shape } from './index';
import type { Machine, Step, StepId } from './model';

/** `next-copy-wave` → `NextCopyWave` */
export const pascalOf = (id: string): string =>
  id.replace(/(^|-)([a-z])/g, (_, __, letter: string) => letter.toUpperCase());

/** Steps that every shape begins with: the machine has them once, and then chooses by the shape. */
export function commonSteps(): readonly Step[] {
  const [first, ...others] = shapeNames().map((shape): readonly Step[] => SHAPES[shape].steps);
  const length = first!.findIndex((step, index) => others.some((steps) => steps[index] !== step));
  return first!.slice(0, length < 0 ? first!.length : length);
}

/** Prefix of the names of a shape's own steps. */
export const shapePrefix = (shape: Shape): string => pascalOf(shape);

export const stateNameOf = (step: Step, shape: Shape | null): string =>
  `${shape === null || commonSteps().includes(step) ? '' : shapePrefix(shape)}${pascalOf(step.id)}`;

/** Suffix of the choice that follows a gate, and of the failure for a verdict that the gate does not know. */
export const VERDICT_SUFFIX = 'Verdict';
export const UNKNOWN_SUFFIX = 'VerdictUnknown';

/** The step of `Migration` that a state belongs to, or null: the state checks the input, chooses by shape, or ends the execution. */
export function stepOfState(state: string): { readonly machine: Machine; readonly step: StepId } | null {
  const name = state.replace(new RegExp(`(${UNKNOWN_SUFFIX}|${VERDICT_SUFFIX})$`), '');
  for (const shape of shapeNames()) {
    const machine = migrationOf(shape);
    for (const step of [...machine.steps, ...(machine.onFailure ? [machine.onFailure] : [])])
      if (stateNameOf(step, shape) === name || pascalOf(step.id) === name) return { machine, step: step.id };
  }
  return null;
}

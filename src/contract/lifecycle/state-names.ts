/** Names of the states that a step is compiled into. A machine has each name once, so names of a shape's steps start with the shape's. */
import { MIGRATION, SHAPES, migrationOf } from '.';
import type { Machine, ShapeTable, Step } from './model';

/** `next-copy-wave` → `NextCopyWave` */
export const pascalOf = (id: string): string =>
  id.replace(/(^|-)([a-z])/g, (_, __, letter: string) => letter.toUpperCase());

/** Steps with which every shape starts: the machine has them once, and then chooses by the shape. */
export function commonSteps(shapes: ShapeTable = SHAPES): readonly Step[] {
  const [first = [], ...others] = Object.values(shapes).map(({ steps }) => steps);
  const length = first.findIndex((step, index) => others.some((steps) => steps[index] !== step));
  return first.slice(0, length < 0 ? first.length : length);
}

/** @param shape null for a machine that runs alike for every shape */
export const stateNameOf = (step: Step, shape: string | null, shapes: ShapeTable = SHAPES): string =>
  `${shape === null || commonSteps(shapes).includes(step) ? '' : pascalOf(shape)}${pascalOf(step.id)}`;

/** Suffix of the choice that follows a gate, and of the failure for a verdict that the gate does not know. */
export const VERDICT_SUFFIX = 'Verdict';
export const UNKNOWN_SUFFIX = 'VerdictUnknown';
/** Suffix of the choice before a stop: whether there is an execution to be stopped. */
export const NEEDED_SUFFIX = 'Needed';

/** The step that a state belongs to. */
export interface StateOwner {
  readonly machine: Machine;
  readonly step: Step;
  /** Whether the state does the step's work, rather than choose what follows. */
  readonly works: boolean;
}

/** The step of `Migration` that a state belongs to, or null: the state checks the input, chooses by shape, or ends the execution. */
export function stepOfState(state: string): StateOwner | null {
  const name = state.replace(new RegExp(`(${UNKNOWN_SUFFIX}|${VERDICT_SUFFIX}|${NEEDED_SUFFIX})$`), '');
  for (const shape of Object.keys(SHAPES) as (keyof typeof SHAPES)[]) {
    const machine = migrationOf(shape);
    const step = machine.steps.find((candidate) => stateNameOf(candidate, shape) === name);
    const found = step ?? (stateNameOf(MIGRATION.onFailure, null) === name ? MIGRATION.onFailure : undefined);
    if (found) return { machine, step: found, works: name === state };
  }
  return null;
}

/** The lifecycle in words: the position of a migration, and the label under which time in a step is reported. */
import { isInvoking, stageIndex, stagesOf, type Shape, type Stage } from '.';
import { stepOf } from './interpret';
import type { Machine, Step } from './model';

/** The first stage that is not finished, with its position: `backfill (5 of 13)`. */
export function stageText(shape: Shape, finished: Stage | null): string {
  const stages = stagesOf(shape);
  const index = stageIndex(shape, finished) + 1;
  const stage = stages[index];
  return stage === undefined
    ? `all ${stages.length} finished`
    : `${stage} (${index + 1} of ${stages.length})`;
}

/** The label of a step's time: the stage that it finishes, or the label of the step that it returns to; otherwise the step. */
export function labelOf(machine: Machine, step: Step): string {
  const stage = step.finishes?.at(-1);
  if (stage !== undefined) return stage;
  if (step.kind === 'gate') return wavesOf(machine, step)?.id ?? step.id;
  return 'next' in step && step.next !== undefined ? labelOf(machine, stepOf(machine, step.next)) : step.id;
}

/** The map that a gate hands items to, and that returns to it. */
const wavesOf = (machine: Machine, gate: Step): Step | undefined =>
  machine.steps.find((step) => step.kind === 'map' && step.next === gate.id);

/** Stages that a step's function finishes one by one, wherever the machine invokes it; none if it finishes one at most. */
export function innerStagesOf(machine: Machine, step: Step): readonly string[] {
  if (!isInvoking(step)) return [];
  const stages = machine.steps
    .filter((other) => isInvoking(other) && other.function === step.function)
    .flatMap(({ finishes = [] }) => finishes);
  return stages.length > 1 ? stages : [];
}

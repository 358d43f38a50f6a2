/** The lifecycle: which steps there are, in which order, and what every outcome leads to. The one place that says so. */
import { ABORT } from './abort';
import { MIGRATION, SHAPES, WAVE_ITEMS_MAX } from './migration';
import type { FunctionRow, Invoking, Machine, ShapeRow, Step, StepId, Traits } from './model';
import { APPLIERS_MAX, SYNC } from './sync';

export * from './model';
export { ABORT, APPLIERS_MAX, MIGRATION, SHAPES, SYNC, WAVE_ITEMS_MAX };

/** How a migration moves; the table of shapes says what each name means. */
export type Shape = keyof typeof SHAPES;

/** Steps of all shapes and machines, including those of map items. */
type Row =
  (typeof SHAPES)[Shape]['steps'][number] | (typeof SYNC)['steps'][number] | (typeof ABORT)['steps'][number];
type Item = Extract<Row, { kind: 'map' }>['each'][number];
type RowFunction =
  Extract<Row | Item, { function: FunctionRow }>['function'] | typeof MIGRATION.onFailure.function;

export type FunctionName = RowFunction['name'];

/** A stage of the ledger. Its name there means that it, and all before it, are finished. */
export type Stage = Extract<Row, { finishes: readonly string[] }>['finishes'][number];

export const shapeNames = (): readonly Shape[] => Object.keys(SHAPES) as Shape[];

const rowOf = (shape: Shape): ShapeRow => SHAPES[shape];

export const traitsOf = (shape: Shape): Traits => rowOf(shape).traits;

/** `Migration` as it runs for one shape. */
export const migrationOf = (shape: Shape): Machine => ({ ...MIGRATION, steps: rowOf(shape).steps });

/** Stages of a shape, in order. */
export const stagesOf = (shape: Shape): readonly Stage[] =>
  rowOf(shape).steps.flatMap(({ finishes = [] }) => finishes) as Stage[];

/** Stages that one step of a shape finishes, in order. */
export const stagesOfStep = (shape: Shape, step: StepId): readonly Stage[] =>
  (rowOf(shape).steps.find(({ id }) => id === step)?.finishes ?? []) as readonly Stage[];

/** Stages after which an abort can still undo everything. */
export const stagesBeforeFlip = (shape: Shape): readonly Stage[] =>
  stagesOf(shape).slice(0, stagesOf(shape).indexOf('flip'));

/** The stage that precedes another in its shape; null for the first. */
export const stageBefore = (shape: Shape, stage: Stage): Stage | null =>
  stagesOf(shape)[stagesOf(shape).indexOf(stage) - 1] ?? null;

/** Position of a stage in its shape; -1 for none. */
export const stageIndex = (shape: Shape, stage: Stage | null): number =>
  stage === null ? -1 : stagesOf(shape).indexOf(stage);

/** Every machine, `Migration` once for each shape. */
export const everyMachine = (): readonly Machine[] => [...shapeNames().map(migrationOf), SYNC, ABORT];

/** Returns the steps, including those of map items. */
export const flatSteps = (steps: readonly Step[]): readonly Step[] =>
  steps.flatMap((step) => (step.kind === 'map' ? [step, ...flatSteps(step.each)] : [step]));

export const isInvoking = (step: Step): step is Invoking => step.kind === 'task' || step.kind === 'gate';

/** Every function that a machine invokes, in the order in which a migration reaches it. */
export function functionRows(): readonly (FunctionRow & { readonly name: FunctionName })[] {
  const rows = new Map<string, FunctionRow>();
  for (const machine of everyMachine()) {
    for (const step of flatSteps(machine.steps))
      if (isInvoking(step)) rows.set(step.function.name, step.function);
    if (machine.onFailure) rows.set(machine.onFailure.function.name, machine.onFailure.function);
  }
  return [...rows.values()] as (FunctionRow & { name: FunctionName })[];
}

export function functionRow(name: FunctionName): FunctionRow {
  const found = functionRows().find((row) => row.name === name);
  if (!found) throw new Error(`No machine invokes ${name}. Add a step to src/contract/lifecycle.`);
  return found;
}

/** `copyChunk` → `copy-chunk`: the name of its files in lambdas/ and core/. */
export const kebabOf = (name: string): string => name.replace(/(?<=[a-z])(?=[A-Z])/g, '-').toLowerCase();

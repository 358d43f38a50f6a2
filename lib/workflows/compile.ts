/** Compiles the tables of the lifecycle into state machines. */
import type { State } from 'aws-cdk-lib/aws-stepfunctions';
import { Choice, Condition } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import { ERRORS } from '../../src/contract/errors';
import type { MachineRow, ShapeTable } from '../../src/contract/lifecycle';
import { commonSteps, stateNameOf } from '../../src/contract/lifecycle/state-names';
import type { Compilation } from './compilation';
import type { MachineTable, Parts } from './parts';
import { RowRefused } from './row-refused';
import { compileSteps } from './compile-steps';
import { fail } from './fail';
import { Failure } from './failure';
import { InputCheck } from './input-check';

/**
 * Builds the states of a machine below the scope.
 * @returns the state that it starts with
 * @throws RowRefused naming the row that cannot be compiled
 */
export function compile(scope: Construct, parts: Parts, table: MachineTable): State {
  const failure = table.onFailure ? new Failure(scope, 'Failure', parts, table.onFailure) : null;
  const compilation: Compilation = {
    ...{ scope, parts, failure, itemsOf: null },
    nameOf: (step) => stateNameOf(step, null),
  };
  const first =
    'steps' in table
      ? compileSteps(compilation, table.steps).first
      : compileShapes(compilation, table, table.shapes);
  return checkInput(scope, table, first);
}

/** The common first steps, then a choice by shape, then each shape's own steps. */
function compileShapes(compilation: Compilation, { name }: MachineRow, shapes: ShapeTable): State {
  const { scope } = compilation;
  const choice = new Choice(scope, 'Shape');
  const common = commonSteps(shapes);
  const opening = compileSteps(compilation, common, (from, id) => {
    if (id === undefined) return choice;
    throw new RowRefused(from, `it leads to ${id}, but every shape of ${name} starts with it.`);
  });
  const unknown = fail(compilation, 'ShapeUnknown', {
    error: ERRORS.inconsistentLedger,
    cause: `The migration's shape is not one of "${Object.keys(shapes).join('", "')}". Deploy functions and machines of one version.`,
  });
  choice.when(Condition.not(Condition.isPresent('$.shape')), unknown);
  for (const [shape, { steps }] of Object.entries(shapes)) {
    const ofShape = { ...compilation, nameOf: nameIn(shape, shapes) };
    const own = compileSteps(ofShape, steps.slice(common.length), (from, id) => opening.stateOf(from, id));
    choice.when(Condition.stringEquals('$.shape', shape), own.first);
  }
  choice.otherwise(unknown);
  return opening.first;
}

const nameIn =
  (shape: string, shapes: ShapeTable): Compilation['nameOf'] =>
  (step) =>
    stateNameOf(step, shape, shapes);

const checkInput = (
  scope: Construct,
  { requires, numbers = [], defaults, remedy }: MachineRow,
  next: State,
): State => new InputCheck(scope, 'Input', { requires, numbers, defaults, remedy, next }).startState;

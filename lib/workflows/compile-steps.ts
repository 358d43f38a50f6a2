import type { State } from 'aws-cdk-lib/aws-stepfunctions';
import type { Step, StepId } from '../../src/contract/lifecycle';
import type { Compilation, Compiled } from './compilation';
import { RowRefused } from './row-refused';
import { compileEnd } from './compile-end';
import { compileGate } from './compile-gate';
import { compileMap } from './compile-map';
import { compileStart } from './compile-start';
import { compileStop } from './compile-stop';
import { compileTask } from './compile-task';
import { compileWait } from './compile-wait';

/** Compiles a list of steps and links their states. */
export interface CompiledSteps {
  readonly first: State;
  /** @throws RowRefused if no step in the list has the id */
  readonly stateOf: (from: Step, id: StepId | undefined) => State;
}

/** @param beyond returns the state outside the list that a step leads to; without an id, the one after the last row */
export function compileSteps(
  compilation: Compilation,
  steps: readonly Step[],
  beyond: (from: Step, id: StepId | undefined) => State = refuse,
): CompiledSteps {
  const compiled = new Map<StepId, Compiled>();
  for (const step of steps) {
    if (compiled.has(step.id)) throw new RowRefused(step, 'another step in the list has the same id.');
    compiled.set(step.id, compileStep(compilation, step));
  }
  steps.forEach((step, index) => {
    const named = ('next' in step ? step.next : undefined) ?? steps[index + 1]?.id;
    compiled.get(step.id)!.link((id = named) => {
      const found = id === undefined ? undefined : compiled.get(id)?.start;
      return found ?? beyond(step, id);
    });
  });
  const [first] = compiled.values();
  if (!first) throw new Error('A machine needs at least one step, and so does each shape of it.');
  return { first: first.start, stateOf: (from, id) => compiled.get(id ?? '')?.start ?? refuse(from, id) };
}

function refuse(from: Step, id: StepId | undefined): never {
  const problem =
    id === undefined ? 'it is the last row and names no next step.' : `no step has the id ${id}.`;
  throw new RowRefused(from, problem);
}

function compileStep(compilation: Compilation, step: Step): Compiled {
  switch (step.kind) {
    case 'task':
      return compileTask(compilation, step);
    case 'gate':
      return compileGate(compilation, step);
    case 'map':
      return compileMap(compilation, step, compileSteps);
    case 'wait':
      return compileWait(compilation, step);
    case 'start':
      return compileStart(compilation, step);
    case 'stop':
      return compileStop(compilation, step);
    case 'end':
      return compileEnd(compilation, step);
  }
}

import { Halted } from '../errors';
import type { Thread } from '../execution';
import { isObject, type Json } from '../json';
import type { Result, StateAttempt } from '../state-type';
import { concludeBranches, runBranches } from './branches';

/** Runs iterations within the history of the execution. A failed iteration fails the state. */
export async function runInline(
  attempt: StateAttempt,
  inputs: readonly Json[],
  concurrency: number,
): Promise<Result> {
  const { thread, state, name, engine } = attempt;
  const processor = isObject(state['ItemProcessor']) ? state['ItemProcessor'] : {};
  const done = await runBranches(thread, inputs.length, concurrency, async (index, branch) => {
    const details = { name, index };
    branch.previousEventId = thread.execution.add('MapIterationStarted', branch.previousEventId, [
      'mapIterationStartedEventDetails',
      details,
    ]);
    try {
      const output = await engine.runStates(branch, processor, inputs[index] ?? null);
      const endEventId = thread.execution.add('MapIterationSucceeded', branch.previousEventId, [
        'mapIterationSucceededEventDetails',
        details,
      ]);
      return { output, endEventId };
    } catch (error) {
      endIteration(branch, details, error);
      throw error;
    }
  });
  return concludeBranches(attempt, 'Map', done);
}

function endIteration(branch: Thread, details: { name: string; index: number }, error: unknown): void {
  if (!branch.execution.open) return;
  if (error instanceof Halted) {
    branch.execution.add('MapIterationAborted', error.afterEventId, [
      'mapIterationAbortedEventDetails',
      details,
    ]);
  } else {
    branch.execution.add('MapIterationFailed', branch.previousEventId, [
      'mapIterationFailedEventDetails',
      details,
    ]);
  }
}

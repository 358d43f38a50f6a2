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
  const record = (end: 'Started' | 'Succeeded' | 'Failed' | 'Aborted', index: number, afterEventId: number) =>
    thread.execution.add(`MapIteration${end}`, afterEventId, [
      `mapIteration${end}EventDetails`,
      { name, index },
    ]);
  const done = await runBranches(thread, inputs.length, concurrency, {
    run: async (index, iteration) => {
      iteration.previousEventId = record('Started', index, iteration.previousEventId);
      const output = await engine.runStates(iteration, processor, inputs[index] ?? null);
      iteration.scope.throwIfHalted();
      return { output, endEventId: record('Succeeded', index, iteration.previousEventId) };
    },
    recordFailed: (index, afterEventId) => record('Failed', index, afterEventId),
    recordAborted: (index, afterEventId) => record('Aborted', index, afterEventId),
  });
  return concludeBranches(attempt, 'Map', done);
}

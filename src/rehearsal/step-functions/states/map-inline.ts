import { Halted } from '../errors';
import type { Thread } from '../execution';
import { isObject, type Json } from '../json';
import type { Visit } from '../state-kind';
import { runBranches } from './branches';

/** Iterations within the parent's own history; any failed one fails the state. */
export async function runInline(visit: Visit, inputs: readonly Json[], concurrency: number): Promise<Json> {
  const { thread, state, name, engine } = visit;
  const processor = isObject(state['ItemProcessor']) ? state['ItemProcessor'] : {};
  const done = await runBranches(thread, inputs.length, concurrency, async (index, branch) => {
    const details = { name, index };
    branch.previousEventId = thread.execution.add('MapIterationStarted', branch.previousEventId, [
      'mapIterationStartedEventDetails',
      details,
    ]);
    try {
      const output = await engine.runStates(branch, processor, inputs[index] ?? null);
      branch.previousEventId = thread.execution.add('MapIterationSucceeded', branch.previousEventId, [
        'mapIterationSucceededEventDetails',
        details,
      ]);
      return output;
    } catch (error) {
      endIteration(branch, details, error);
      throw error;
    }
  });
  if (done.failure) {
    if (done.failure instanceof Halted) throw done.failure;
    thread.previousEventId = thread.execution.add('MapStateFailed', done.lastEventId);
    throw done.failure;
  }
  thread.previousEventId = done.lastEventId;
  thread.execution.add('MapStateSucceeded', done.lastEventId);
  return done.outputs;
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

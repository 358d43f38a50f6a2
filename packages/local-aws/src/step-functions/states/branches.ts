import { Halted, StateFailure } from '../errors';
import type { Thread } from '../execution';
import type { Json } from '../json';
import { Scope } from '../scope';
import type { Result, StateAttempt } from '../state-type';

export interface BranchesDone {
  readonly outputs: Json[];
  /** The first failure, if any. The other branches have ended by then. */
  readonly failure: Error | undefined;
  /** The id of the event that the next event follows. */
  readonly lastEventId: number;
}

export interface BranchDone {
  readonly output: Json;
  /** The id of the event that ends the branch. The thread itself stays at its last state. */
  readonly endEventId: number;
}

/**
 * Runs branches concurrently, at most `concurrency` at once. The first failure ends the others, and no further
 * branch starts. A redrive reuses the outputs of branches that succeeded. The first event of a branch that had to wait follows
 * the last state of the branch whose worker it takes.
 */
export async function runBranches(
  parent: Thread,
  count: number,
  concurrency: number,
  run: (index: number, branch: Thread) => Promise<BranchDone>,
): Promise<BranchesDone> {
  const scope = new Scope(parent.scope);
  const outputs: Json[] = new Array<Json>(count).fill(null);
  let failure: Error | undefined;
  let lastEventId = parent.previousEventId;
  let nextIndex = 0;

  const worker = async (): Promise<void> => {
    let { previousEventId } = parent;
    while (failure === undefined && nextIndex < count) {
      const index = nextIndex++;
      const progress = parent.progress.branch(index);
      if (progress.done) {
        outputs[index] = progress.done.output;
        continue;
      }
      const branch: Thread = { execution: parent.execution, scope, previousEventId, progress };
      try {
        const { output, endEventId } = await run(index, branch);
        outputs[index] = output;
        ({ previousEventId } = branch);
        if (failure === undefined) lastEventId = endEventId;
      } catch (error) {
        if (failure !== undefined) return;
        failure = error as Error;
        lastEventId = branch.previousEventId;
        scope.halt(failure instanceof Halted ? failure : new Halted(lastEventId));
      }
    }
  };
  try {
    await Promise.all(Array.from({ length: Math.min(concurrency, count) }, worker));
  } finally {
    scope.leave();
  }
  return { outputs, failure, lastEventId };
}

/** Concludes a Parallel or an inline Map. The caller records a failure once no retrier matches it. */
export function concludeBranches(
  { thread }: StateAttempt,
  type: 'Map' | 'Parallel',
  { outputs, failure, lastEventId }: BranchesDone,
): Result {
  thread.previousEventId = lastEventId;
  if (failure instanceof StateFailure) return { failure };
  if (failure) throw failure;
  thread.execution.add(`${type}StateSucceeded`, lastEventId);
  return { result: outputs };
}

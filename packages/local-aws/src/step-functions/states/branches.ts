import { Halted, StateFailure } from '../errors';
import type { Branch, Thread } from '../execution';
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

/** Runs one branch, and records the events of its end. Those of a branch of Parallel are the events of its states. */
export interface BranchType {
  run(index: number, thread: Thread): Promise<BranchDone>;
  recordFailed?(index: number, afterEventId: number): void;
  recordAborted?(index: number, afterEventId: number): void;
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
  type: BranchType,
): Promise<BranchesDone> {
  const scope = new Scope(parent.scope);
  const outputs: Json[] = new Array<Json>(count).fill(null);
  const running = new Map<number, Branch>();
  if (parent.openState) parent.openState.branches = running;
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
      const thread: Thread = { execution: parent.execution, scope, previousEventId, progress };
      running.set(index, {
        thread,
        recordAborted: (afterEventId) => type.recordAborted?.(index, afterEventId),
      });
      try {
        const { output, endEventId } = await type.run(index, thread);
        outputs[index] = output;
        ({ previousEventId } = thread);
        if (failure === undefined) lastEventId = endEventId;
        running.delete(index);
      } catch (error) {
        if (failure !== undefined) return;
        failure = error as Error;
        lastEventId = thread.previousEventId;
        running.delete(index);
        if (!(failure instanceof Halted)) failure = recordFailure(type, index, thread, running) ?? failure;
        scope.halt(failure instanceof Halted ? failure : new Halted());
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

/**
 * Records the end of a branch that failed, then those of the branches and states that its failure aborts. As recorded on AWS,
 * the state that failed is aborted too, each branch precedes its state, and all follow the event of the failure:
 * https://github.com/localstack/localstack, tests/aws/services/stepfunctions/v2/timeouts/test_timeouts.snapshot.json,
 * `test_service_lambda_map_timeout`.
 * @returns Halted if the execution closed because its history is full
 */
function recordFailure(
  type: BranchType,
  index: number,
  failed: Thread,
  others: ReadonlyMap<number, Branch>,
): Halted | undefined {
  const { execution, previousEventId } = failed;
  try {
    if (execution.open) {
      type.recordFailed?.(index, previousEventId);
      recordAborts(failed, previousEventId);
      recordBranchAborts(others, previousEventId);
    }
    return undefined;
  } catch (error) {
    if (error instanceof Halted) return error;
    throw error;
  }
}

function recordBranchAborts(branches: ReadonlyMap<number, Branch>, afterEventId: number): void {
  for (const { thread, recordAborted } of branches.values()) {
    recordAborted(afterEventId);
    recordAborts(thread, afterEventId);
  }
}

function recordAborts({ execution, openState }: Thread, afterEventId: number): void {
  if (!openState) return;
  if (openState.abortable) execution.add(`${openState.type}StateAborted`, afterEventId);
  recordBranchAborts(openState.branches, afterEventId);
}

/** Concludes a Parallel or an inline Map. The caller records a failure once no retrier matches it. */
export function concludeBranches(
  { thread }: StateAttempt,
  type: 'Map' | 'Parallel',
  { outputs, failure, lastEventId }: BranchesDone,
): Result {
  thread.previousEventId = lastEventId;
  thread.scope.throwIfHalted();
  if (failure instanceof StateFailure) return { failure };
  if (failure) throw failure;
  thread.execution.add(`${type}StateSucceeded`, lastEventId);
  return { result: outputs };
}

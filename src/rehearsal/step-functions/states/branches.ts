import { Halted } from '../errors';
import type { Thread } from '../execution';
import type { Json } from '../json';
import { Scope } from '../scope';

export interface BranchesDone {
  readonly outputs: Json[];
  /** The first failure, if any; the other branches have ended by then. */
  readonly failure: Error | undefined;
  /** The event that the next one follows. */
  readonly lastEventId: number;
}

/**
 * Runs branches side by side, at most `concurrency` at once. The first failure ends the others and lets no further
 * branch start. Branches that were done before a redrive only give their output.
 */
export async function runBranches(
  parent: Thread,
  count: number,
  concurrency: number,
  run: (index: number, branch: Thread) => Promise<Json>,
): Promise<BranchesDone> {
  const scope = new Scope(parent.scope);
  const outputs: Json[] = new Array<Json>(count).fill(null);
  let failure: Error | undefined;
  let lastEventId = parent.previousEventId;
  let nextIndex = 0;

  const worker = async (): Promise<void> => {
    while (failure === undefined && nextIndex < count) {
      const index = nextIndex++;
      const progress = parent.progress.part(index);
      if (progress.done) {
        outputs[index] = progress.done.output;
        continue;
      }
      const { execution, previousEventId } = parent;
      const branch: Thread = { execution, scope, previousEventId, progress };
      try {
        outputs[index] = await run(index, branch);
        if (failure === undefined) lastEventId = branch.previousEventId;
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

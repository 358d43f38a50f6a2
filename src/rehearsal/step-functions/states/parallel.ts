import { Halted } from '../errors';
import { isObject, type Json } from '../json';
import type { StateKind } from '../state-kind';
import { runBranches } from './branches';

export const parallel: StateKind = {
  traits: {
    transition: true,
    paths: true,
    parameters: true,
    resultSelector: true,
    resultPath: true,
    errors: true,
    assign: true,
  },
  check(fields, { checkStates }) {
    fields.required('Branches');
    for (const branch of fields.list('Branches')) {
      branch.text('Comment');
      checkStates(branch);
      branch.finish();
    }
  },
  async run({ thread, state, payload, engine }) {
    const { Branches: branches } = state;
    const bodies = Array.isArray(branches) ? branches.filter(isObject) : [];
    // A redrive goes on with the branches that did not end well.
    if (thread.progress.parts.length === 0)
      thread.previousEventId = thread.execution.add('ParallelStateStarted', thread.previousEventId);
    const done = await runBranches(
      thread,
      bodies.length,
      bodies.length,
      async (index, branch): Promise<Json> => {
        return engine.runStates(branch, bodies[index] ?? {}, payload);
      },
    );
    if (done.failure) {
      if (done.failure instanceof Halted) throw done.failure;
      thread.previousEventId = thread.execution.add('ParallelStateFailed', done.lastEventId);
      throw done.failure;
    }
    thread.previousEventId = done.lastEventId;
    thread.execution.add('ParallelStateSucceeded', done.lastEventId);
    return { result: done.outputs };
  },
};

import { isObject } from '../json';
import type { StateKind } from '../state-kind';
import { concludeBranches, runBranches } from './branches';

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
  async run(visit) {
    const { thread, state, payload, engine } = visit;
    const { Branches: branches } = state;
    const bodies = Array.isArray(branches) ? branches.filter(isObject) : [];
    // A redrive goes on with the branches that did not end well.
    if (thread.progress.parts.length === 0)
      thread.previousEventId = thread.execution.add('ParallelStateStarted', thread.previousEventId);
    const done = await runBranches(thread, bodies.length, bodies.length, async (index, branch) => {
      const output = await engine.runStates(branch, bodies[index] ?? {}, payload);
      return { output, endEventId: branch.previousEventId };
    });
    return concludeBranches(visit, 'Parallel', done);
  },
};

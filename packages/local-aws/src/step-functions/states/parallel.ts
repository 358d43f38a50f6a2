import { isObject } from '../json';
import type { StateType } from '../state-type';
import { concludeBranches, runBranches } from './branches';

export const parallel: StateType = {
  abortable: true,
  commonFields: {
    transition: true,
    paths: true,
    parameters: true,
    resultSelector: true,
    resultPath: true,
    errors: true,
    assign: true,
  },
  check(fields, { checkStates }) {
    fields.requireField('Branches');
    for (const branch of fields.list('Branches')) {
      branch.string('Comment');
      checkStates(branch);
      branch.rejectUnknownFields();
    }
  },
  async run(attempt) {
    const { thread, state, payload, engine } = attempt;
    const { Branches: branches } = state;
    const bodies = Array.isArray(branches) ? branches.filter(isObject) : [];
    // A redrive continues with the branches that did not succeed.
    if (thread.progress.branches.length === 0)
      thread.previousEventId = thread.execution.add('ParallelStateStarted', thread.previousEventId);
    const done = await runBranches(thread, bodies.length, bodies.length, {
      run: async (index, branch) => {
        const output = await engine.runStates(branch, bodies[index] ?? {}, payload);
        return { output, endEventId: branch.previousEventId };
      },
    });
    return concludeBranches(attempt, 'Parallel', done);
  },
};

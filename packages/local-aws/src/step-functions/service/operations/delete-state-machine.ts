import type { Operation } from '../operation';

/** Marks the machine as DELETING. It is removed when its executions have ended, each at its next transition. */
export const deleteStateMachine: Operation = {
  shape: { stateMachineArn: 'string!' },
  run(request, { engine }) {
    engine.deleteStateMachine(request.string('stateMachineArn'));
    return {};
  },
};

import type { Operation } from '../operation';

/** The machine is gone when its executions have ended; each ends at its next transition. */
export const deleteStateMachine: Operation = {
  shape: { stateMachineArn: 'string!' },
  run(request, { engine }) {
    engine.deleteStateMachine(request.string('stateMachineArn'));
    return {};
  },
};

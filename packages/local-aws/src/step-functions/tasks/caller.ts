import type { StateAttempt } from '../state-type';
import type { TaskCaller } from '../task-runner';

export const callerOf = ({ thread, name, retryCount }: StateAttempt): TaskCaller => ({
  executionArn: thread.execution.record.executionArn,
  stateMachineArn: thread.execution.record.stateMachineArn,
  roleArn: thread.execution.roleArn,
  stateName: name,
  retryCount,
});

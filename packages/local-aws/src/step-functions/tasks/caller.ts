import type { Visit } from '../state-kind';
import type { TaskCaller } from '../task-runner';

export const callerOf = ({ thread, name, retryCount }: Visit): TaskCaller => ({
  executionArn: thread.execution.record.executionArn,
  stateMachineArn: thread.execution.record.stateMachineArn,
  roleArn: thread.execution.roleArn,
  stateName: name,
  retryCount,
});

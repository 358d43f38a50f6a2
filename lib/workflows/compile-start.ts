import { JsonPath, TaskInput } from 'aws-cdk-lib/aws-stepfunctions';
import { StepFunctionsStartExecution } from 'aws-cdk-lib/aws-stepfunctions-tasks';
import type { Start } from '../../src/contract/lifecycle';
import type { Compilation, Compiled } from './compilation';
import { startInputOf } from './inputs';
import { startRetry } from './retry';

/**
 * Starts an execution without waiting for its end. The execution has no name: if a lost response makes it start twice, the
 * second one finds its role in the ledger already claimed.
 */
export function compileStart({ scope, nameOf, parts, failure }: Compilation, step: Start): Compiled {
  const task = new StepFunctionsStartExecution(scope, nameOf(step), {
    stateMachine: parts.machine(step.machine),
    input: TaskInput.fromObject(startInputOf(step)),
    resultPath: JsonPath.DISCARD,
  });
  task.addRetry(startRetry(step.retry));
  return {
    start: task,
    link: (to) => {
      failure?.catchFrom(task);
      task.next(to());
    },
  };
}

import { JsonPath, TaskInput } from 'aws-cdk-lib/aws-stepfunctions';
import { StepFunctionsStartExecution } from 'aws-cdk-lib/aws-stepfunctions-tasks';
import type { Start } from '../../src/contract/lifecycle';
import type { Compilation, Compiled } from './compilation';
import { startInputOf } from './inputs';
import { startRetry } from './retry';

/**
 * Starts an execution and does not wait for its end. It gets no name: one that is started twice, because the response was
 * lost, claims its role in the ledger and finds it taken.
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

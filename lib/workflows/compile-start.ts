import type { Start } from '../../src/contract/lifecycle';
import type { Compilation, Compiled } from './compilation';
import { startInputOf } from './inputs';
import { startRetry } from './retry';
import { StartTask } from './start-task';

/**
 * Starts an execution without waiting for its end. The execution has no name: if a lost response makes it start twice, the
 * second one finds its role in the ledger already claimed.
 */
export function compileStart({ scope, nameOf, parts, failure }: Compilation, step: Start): Compiled {
  const started = parts.machine(step.machine);
  const task = new StartTask(scope, nameOf(step), { started, input: startInputOf(step, started) });
  task.addRetry(startRetry(step.retry));
  return {
    start: task,
    link: (to) => {
      failure?.catchFrom(task);
      task.next(to());
    },
  };
}

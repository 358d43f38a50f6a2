import type { Task } from '../../src/contract/lifecycle';
import { catchErrors } from './catch-errors';
import type { Compilation, Compiled } from './compilation';
import { invoke } from './invoke';

export function compileTask(compilation: Compilation, step: Task): Compiled {
  const task = invoke(compilation, step);
  return {
    start: task,
    link: (to) => {
      catchErrors(compilation, step, task, to);
      task.next(to());
    },
  };
}

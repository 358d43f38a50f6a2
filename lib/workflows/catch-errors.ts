import { JsonPath } from 'aws-cdk-lib/aws-stepfunctions';
import type { State } from 'aws-cdk-lib/aws-stepfunctions';
import { ERRORS, LOST_RESPONSE_ERRORS, TRANSIENT_ERRORS } from '../../src/contract/errors';
import type { Invoking, StepId } from '../../src/contract/lifecycle';
import type { Compilation } from './compilation';
import { EVERY_ERROR } from './every-error';
import type { HandlerTask } from './handler-task';
import { RowRefused } from './row-refused';

/** Adds a task's Catch clauses from its row. The step that handles an error receives the task's own input. */
export function catchErrors(
  { failure, itemsOf }: Compilation,
  step: Invoking,
  task: HandlerTask,
  to: (id: StepId) => State,
): void {
  const { exhausted, fenceExpired, other } = step.errors ?? {};
  if (itemsOf === 'inline' && other === undefined)
    throw new RowRefused(step, 'its failure would fail its siblings. Name a step in errors.other.');
  const lead = (errors: readonly string[], id: StepId | undefined): void => {
    if (id !== undefined) task.addCatch(to(id), { errors: [...errors], resultPath: JsonPath.DISCARD });
  };
  lead([...TRANSIENT_ERRORS, ...LOST_RESPONSE_ERRORS], exhausted);
  lead([ERRORS.fenceExpired], fenceExpired);
  for (const errors of EVERY_ERROR) lead(errors, other);
  if (other === undefined) failure?.catchFrom(task);
}

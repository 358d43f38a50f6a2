import { Choice, Condition } from 'aws-cdk-lib/aws-stepfunctions';
import { ERRORS } from '../../src/contract/errors';
import type { Gate } from '../../src/contract/lifecycle';
import { UNKNOWN_SUFFIX, VERDICT_SUFFIX } from '../../src/contract/lifecycle/state-names';
import { catchErrors } from './catch-errors';
import type { Compilation, Compiled } from './compilation';
import { RowRefused } from './row-refused';
import { fail } from './fail';
import { invoke } from './invoke';

const VERDICT = '$.verdict';

/** A verdict that the row does not list, or that is missing, fails the execution; it never passes. */
export function compileGate(compilation: Compilation, step: Gate): Compiled {
  if (compilation.itemsOf === 'inline')
    throw new RowRefused(
      step,
      'its unknown verdict would fail its siblings. Use a task, or a distributed map.',
    );
  const name = compilation.nameOf(step);
  const task = invoke(compilation, step);
  const decide = new Choice(compilation.scope, `${name}${VERDICT_SUFFIX}`);
  const unknown = fail(compilation, `${name}${UNKNOWN_SUFFIX}`, {
    error: ERRORS.inconsistentLedger,
    cause: `${step.function.name} returned none of the verdicts "${Object.keys(step.verdicts).join('", "')}". Deploy functions and machines of one version.`,
  });
  return {
    start: task,
    link: (to) => {
      catchErrors(compilation, step, task, to);
      task.next(decide);
      // Check presence first: comparing an absent path fails the execution, and no Catch can handle it.
      decide.when(Condition.not(Condition.isPresent(VERDICT)), unknown);
      for (const [verdict, id] of Object.entries(step.verdicts))
        decide.when(Condition.stringEquals(VERDICT, verdict), to(id));
      decide.otherwise(unknown);
    },
  };
}

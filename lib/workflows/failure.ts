import type { CatchProps, IChainable, INextable, State } from 'aws-cdk-lib/aws-stepfunctions';
import { Fail, JsonPath, StateMachineFragment } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import type { Task } from '../../src/contract/lifecycle';
import { stateNameOf } from '../../src/contract/lifecycle/state-names';
import { functionVersionsArn } from '../grants';
import { EVERY_ERROR } from './every-error';
import { HandlerTask } from './handler-task';
import { inputOf } from './inputs';
import type { Parts } from './parts';
import { invocationRetries } from './retry';
import { RowRefused } from './row-refused';

interface Catching {
  addCatch(handler: IChainable, props?: CatchProps): unknown;
}

/**
 * Handles an error that no row handles: records it in the ledger, then fails the execution with the same error. The caught
 * error replaces the state, because a cause of up to 32 KB might not fit next to it; the migration's name is read from the
 * execution's context instead.
 */
export class Failure extends StateMachineFragment {
  readonly startState: State;
  readonly endStates: INextable[] = [];

  constructor(scope: Construct, id: string, parts: Parts, row: Task) {
    super(scope, id);
    if (row.function.input !== 'failure' || row.errors || row.next)
      throw new RowRefused(row, 'a failure step must take the failure as its input and name no other step.');
    const failed = new Fail(this, 'Failed', { errorPath: '$.Error', causePath: '$.Cause' });
    const record = new HandlerTask(this, stateNameOf(row, null), {
      handler: parts.functions.get(row.function.name),
      versionsArn: functionVersionsArn(this, parts.environmentName, row.function.name),
      payload: inputOf(row, parts),
      retry: invocationRetries(row.retry),
      resultPath: JsonPath.DISCARD,
    });
    // If recording fails, the execution still fails with the original error.
    record.addCatch(failed, { resultPath: JsonPath.DISCARD });
    record.next(failed);
    this.startState = record;
  }

  /** Routes every error of a state to this fragment. */
  catchFrom(state: Catching): void {
    for (const errors of EVERY_ERROR) state.addCatch(this, { errors: [...errors] });
  }
}

import type { CatchProps, IChainable, INextable, State } from 'aws-cdk-lib/aws-stepfunctions';
import { Fail, JsonPath, StateMachineFragment } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import type { Task } from '../../src/contract/lifecycle';
import { stateNameOf } from '../../src/contract/lifecycle/state-names';
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
 * Where every step ends that cannot continue: the ledger records why, then the execution fails with that very error.
 * The caught error replaces the state, and which migration failed is read from the context: a cause may have 32 KB, and the
 * state that it would join is bounded too.
 */
export class Failure extends StateMachineFragment {
  readonly startState: State;
  readonly endStates: INextable[] = [];

  constructor(scope: Construct, id: string, { functions }: Parts, row: Task) {
    super(scope, id);
    if (row.function.input !== 'failure' || row.errors || row.next)
      throw new RowRefused(row, 'a step for failures takes the failure, and names no other step.');
    const failed = new Fail(this, 'Failed', { errorPath: '$.Error', causePath: '$.Cause' });
    const record = new HandlerTask(this, stateNameOf(row, null), {
      handler: functions.get(row.function.name),
      payload: inputOf(row),
      retry: invocationRetries(row.retry),
      resultPath: JsonPath.DISCARD,
    });
    // A record that cannot be written must not hide the error that it was about.
    record.addCatch(failed, { resultPath: JsonPath.DISCARD });
    record.next(failed);
    this.startState = record;
  }

  /** Leads every error of a state here. */
  catchFrom(state: Catching): void {
    for (const errors of EVERY_ERROR) state.addCatch(this, { errors: [...errors] });
  }
}

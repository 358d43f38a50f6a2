import type { CatchProps, Chain, IChainable, INextable, State } from 'aws-cdk-lib/aws-stepfunctions';
import { Errors, Fail, JsonPath, Pass, Result, StateMachineFragment } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import type { ErrorName } from '../../src/contract/errors';
import type { SluiceFunction } from '../constructs/sluice-function';
import { HandlerTask } from './handler-task';
import { STAGE_RETRY } from './retry';

export interface FailureProps {
  readonly recordFailure: SluiceFunction;
}

interface Catching {
  addCatch(handler: IChainable, props?: CatchProps): unknown;
}

/**
 * Where every stage ends that cannot go on: the ledger learns why, then the execution fails with the very error.
 * The caught error replaces the state, and who failed is read from the context: a cause may have 32 KB, and the state
 * that it would join is bounded too.
 */
export class Failure extends StateMachineFragment {
  readonly startState: State;
  readonly endStates: INextable[] = [];

  constructor(scope: Construct, id: string, props: FailureProps) {
    super(scope, id);
    const failed = new Fail(this, 'Failed', { errorPath: '$.Error', causePath: '$.Cause' });
    const record = new HandlerTask(this, 'RecordFailure', {
      handler: props.recordFailure,
      payload: {
        migration: JsonPath.stringAt('$$.Execution.Input.migration'),
        execution: JsonPath.stringAt('$$.Execution.Id'),
        failure: { Error: JsonPath.stringAt('$.Error'), Cause: JsonPath.stringAt('$.Cause') },
      },
      retry: STAGE_RETRY,
      resultPath: JsonPath.DISCARD,
    });
    // A record that cannot be written must not hide the error that it was about.
    record.addCatch(failed, { resultPath: JsonPath.DISCARD });
    record.next(failed);
    this.startState = record;
  }

  /** Ends the migration for a reason that no function gave. */
  because(
    scope: Construct,
    id: string,
    { error, cause }: { readonly error: ErrorName; readonly cause: string },
  ): Chain {
    return new Pass(scope, id, { result: Result.fromObject({ Error: error, Cause: cause }) }).next(this);
  }

  /** Leads every error of a state here. States.ALL does not cover a result that is too large. */
  catchFrom<T extends Catching>(state: T): T {
    state.addCatch(this, { errors: ['States.DataLimitExceeded'] });
    state.addCatch(this, { errors: [Errors.ALL] });
    return state;
  }
}

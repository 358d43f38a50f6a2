import type { IChainable, INextable, State } from 'aws-cdk-lib/aws-stepfunctions';
import {
  Choice,
  Condition,
  JsonPath,
  Pass,
  StateMachineFragment,
  Wait,
  WaitTime,
} from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import { ERRORS } from '../../src/contract/errors';
import { CATCH_UP_RETRY } from './retry';
import type { StageProps } from './stage';
import { VerdictGate } from './verdict-gate';

export interface CatchUpProps extends StageProps {
  /** Where chunks are compared again; it leads back here. */
  readonly verify: IChainable;
  /** Builds the cutover, which leads back to what it is given when its fence was cancelled. */
  readonly cutover: (again: IChainable) => IChainable;
}

/** Visits to `CatchUp` in one execution. */
export const ROUNDS_MAX = 500;

/** What `CatchUp` counts in; to be put into the state once, before the first round. */
export const NO_ROUNDS = { count: 0 };
export const ROUNDS_PATH = '$.rounds';

/**
 * Asks whether the source may be fenced, until it may. The function looks for about 20 s before it says `wait`. Between two
 * rounds lie as many seconds as there were rounds, so that hours cannot fill the history: 500 rounds last a day and a half.
 * Then the migration is held, to be resumed; sync goes on meanwhile.
 */
export class CatchUp extends StateMachineFragment {
  readonly startState: State;
  readonly endStates: INextable[] = [];

  constructor(scope: Construct, id: string, props: CatchUpProps) {
    super(scope, id);
    const { failure } = props;
    const count = `${ROUNDS_PATH}.count`;
    const next = new Pass(this, 'NextRound', {
      parameters: { count: JsonPath.mathAdd(JsonPath.numberAt(count), 1) },
      resultPath: ROUNDS_PATH,
    });
    const ask = new VerdictGate(this, 'CatchUp', {
      handler: props.handler,
      failure,
      retry: CATCH_UP_RETRY,
      ways: {
        ready: props.cutover(next),
        verify: props.verify,
        wait: new Wait(this, 'WaitForSync', { time: WaitTime.secondsPath(count) }).next(next),
      },
    });
    const givenUp = failure.because(this, 'RoundsUsedUp', {
      error: ERRORS.notCaughtUp,
      cause: `Sync did not catch up with the source in ${ROUNDS_MAX} rounds. Sync goes on; see the lag and its metrics, then resume.`,
    });
    next.next(
      new Choice(this, 'RoundsLeft')
        .when(Condition.numberGreaterThan(count, ROUNDS_MAX), givenUp)
        .otherwise(ask),
    );
    this.startState = next;
  }
}

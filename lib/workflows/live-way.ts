import type { INextable, IStateMachine, State } from 'aws-cdk-lib/aws-stepfunctions';
import { Pass, Result, StateMachineFragment } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import { CatchUp, NO_ROUNDS, ROUNDS_PATH } from './catch-up';
import { liveCutover } from './live-cutover';
import { copyLoop, verifyLoop, type WayProps } from './parts';
import { stage } from './stage';
import { startSync } from './start-sync';

export interface LiveWayProps extends Omit<WayProps, 'prefix'> {
  readonly syncMachine: IStateMachine;
}

/** Stages that the other way has too are called so here: `LiveCopy`. */
const PREFIX = 'Live';
const FIRST_SYNC_PATH = '$.sync';
/** About eight minutes of trying. */
const START_RETRIES_MAX = 20;

/**
 * Shape `cdc`: capture changes, plan, start sync, copy, verify, catch up; then the cutover behind a fence of seconds, which
 * leads back to catching up for as long as it does not fit.
 *
 * Events of the history, of which Step Functions takes 25,000: 13 for each wave of 400 chunks; 13 for each round of catching up
 * that waits; 38 for each fence that is cancelled; 3 for each retry. A table has at most 25 waves, an execution 500 rounds, and
 * the sixth fence is not cancelled but holds the migration. So one table of the greatest size, copied and verified twice, with all rounds used
 * up: 4 × 338 + 6,500 + 190, about 8,000. A round that verifies adds 13 for each wave that it finds, 7 at least.
 */
export class LiveWay extends StateMachineFragment {
  readonly startState: State;
  readonly endStates: INextable[] = [];

  constructor(scope: Construct, id: string, props: LiveWayProps) {
    super(scope, id);
    const { functions, failure } = props;
    const way = { ...props, prefix: PREFIX };
    const copy = copyLoop(this, way);
    const verify = verifyLoop(this, way);
    const catchUp = new CatchUp(this, 'CatchUpLoop', {
      handler: functions.get('catchUp'),
      failure,
      verify,
      cutover: (again) => liveCutover(this, { ...way, whenCancelled: again, whenRecopy: copy }),
    });
    copy.whenEmpty(verify);
    verify.whenEmpty(catchUp);

    const capture = stage(this, 'StartCapture', { handler: functions.get('startCapture'), failure });
    const start = startSync(this, 'StartSync', {
      syncMachine: props.syncMachine,
      replacesPath: `${FIRST_SYNC_PATH}.replaces`,
      retriesMax: START_RETRIES_MAX,
    });
    // A null that stands in a task's parameters would be lost on its way into the template.
    const firstSync = new Pass(this, 'FirstSync', {
      result: Result.fromObject({ replaces: null }),
      resultPath: FIRST_SYNC_PATH,
    });
    const noRounds = new Pass(this, 'NoRounds', {
      result: Result.fromObject(NO_ROUNDS),
      resultPath: ROUNDS_PATH,
    });
    capture
      .next(stage(this, `${PREFIX}Plan`, { handler: functions.get('plan'), failure }))
      .next(firstSync)
      .next(failure.catchFrom(start))
      .next(noRounds)
      .next(copy);
    this.startState = capture;
  }
}

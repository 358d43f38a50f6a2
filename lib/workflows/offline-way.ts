import type { IChainable, INextable, State } from 'aws-cdk-lib/aws-stepfunctions';
import { StateMachineFragment } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import { copyLoop, flipAndOpen, verifyLoop, type WayProps } from './parts';
import { STAGE_RETRY } from './retry';
import { stage } from './stage';
import { VerdictGate } from './verdict-gate';

/** Shape `offline`: refuse writes, plan, copy, verify, judge, cut over. */
export class OfflineWay extends StateMachineFragment {
  readonly startState: State;
  readonly endStates: INextable[] = [];

  constructor(scope: Construct, id: string, props: Omit<WayProps, 'prefix'>) {
    super(scope, id);
    const { functions, failure } = props;
    const way = { ...props, prefix: '' };
    const copy = copyLoop(this, way);
    const verify = verifyLoop(this, way);
    const cutover: IChainable = stage(this, 'Seal', { handler: functions.get('seal'), failure })
      .next(flipAndOpen(this, way))
      .next(props.done);
    const judge = new VerdictGate(this, 'Judge', {
      handler: functions.get('judge'),
      failure,
      retry: STAGE_RETRY,
      ways: { clean: cutover, recopy: copy },
    });
    copy.whenEmpty(verify);
    verify.whenEmpty(judge);

    const fence = stage(this, 'FenceSource', { handler: functions.get('fenceSource'), failure });
    fence.next(stage(this, 'Plan', { handler: functions.get('plan'), failure })).next(copy);
    this.startState = fence;
  }
}

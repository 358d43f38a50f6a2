import type { IChainable } from 'aws-cdk-lib/aws-stepfunctions';
import { JsonPath } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import { ERRORS } from '../../src/contract/errors';
import type { FunctionName } from '../../src/contract/names';
import type { HandlerTask } from './handler-task';
import { flipAndOpen, type WayProps } from './parts';
import { FENCED_RETRY, FLIP_RETRY, LOST_ANSWERS, PASSING_ERRORS, STAGE_RETRY } from './retry';
import { stage } from './stage';
import { VerdictGate } from './verdict-gate';

export interface LiveCutoverProps extends WayProps {
  /** Where the way goes on when the cutover did not fit into its fence. */
  readonly whenCancelled: IChainable;
  /** Where it goes on when chunks were reopened. */
  readonly whenRecopy: IChainable;
}

/** What a fence is cancelled for: it opened itself, or something that may pass did not pass soon enough. */
const CANCELLING = [ERRORS.fenceExpired, ...PASSING_ERRORS, ...LOST_ANSWERS];

/**
 * Fence, drain, verify, seal, flip, open, and take the capture away. Up to the seal the writes can go back to the source, and do
 * whenever a step does not fit into the fence. The state is kept over all of it: the rounds in it bound the history.
 */
export function liveCutover(scope: Construct, props: LiveCutoverProps): IChainable {
  const { functions, failure } = props;
  const run = (id: string, name: FunctionName, retry = FLIP_RETRY) =>
    stage(scope, id, { handler: functions.get(name), failure, keepsState: true, retry });
  const cancel = run('CancelFence', 'cancelFence');
  cancel.next(props.whenCancelled);
  const cancelToRecopy = run('CancelFenceToRecopy', 'cancelFence');
  cancelToRecopy.next(props.whenRecopy);

  const fenced = {
    failure,
    retry: FENCED_RETRY,
    keepsState: true,
    catching: (task: HandlerTask) =>
      void task.addCatch(cancel, { errors: CANCELLING, resultPath: JsonPath.DISCARD }),
  };
  const seal = stage(scope, `${props.prefix}Seal`, { ...fenced, handler: functions.get('seal') });
  seal
    .next(flipAndOpen(scope, props))
    .next(run('StopCapture', 'stopCapture', STAGE_RETRY))
    .next(props.done);
  const verify = new VerdictGate(scope, 'VerifyFenced', {
    ...fenced,
    handler: functions.get('verifyFenced'),
    ways: { clean: seal, recopy: cancelToRecopy },
  });
  const fence = stage(scope, `${props.prefix}FenceSource`, {
    ...fenced,
    handler: functions.get('fenceSource'),
  });
  fence.next(stage(scope, 'Drain', { ...fenced, handler: functions.get('drain') })).next(verify);
  return fence;
}

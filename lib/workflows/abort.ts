import type { IChainable } from 'aws-cdk-lib/aws-stepfunctions';
import { Choice, JsonPath, Pass, Result, Succeed } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import type { SluiceFunction } from '../constructs/sluice-function';
import { HandlerTask } from './handler-task';
import { InputCheck, isGivenText } from './input-check';
import { ABORT_RETRY } from './retry';
import { StopOwner } from './stop-owner';

export interface AbortProps {
  readonly environmentName: string;
  readonly revoke: SluiceFunction;
  readonly undo: SluiceFunction;
}

/**
 * Fence every worker, stop the owner, revert. An error that remains fails the execution with its name and cause;
 * starting it again goes on from what the ledger and the databases say.
 */
export function abort(scope: Construct, props: AbortProps): IChainable {
  const revoke = new HandlerTask(scope, 'Revoke', {
    handler: props.revoke,
    payload: { ...abortPayload(), execution: JsonPath.stringAt('$$.Execution.Id') },
    retry: ABORT_RETRY,
    outputPath: '$.Payload',
  });
  const undo = new HandlerTask(scope, 'Undo', {
    handler: props.undo,
    payload: { ...abortPayload(), execution: JsonPath.stringAt('$$.Execution.Id') },
    retry: ABORT_RETRY,
    outputPath: '$.Payload',
  });
  const reverted = undo.next(new Succeed(scope, 'Aborted'));
  revoke.next(new StopOwner(scope, 'Owner', { environmentName: props.environmentName, next: reverted }));

  const noReason = new Pass(scope, 'ReasonNotGiven', {
    result: Result.fromString('no reason was given'),
    resultPath: '$.reason',
  });
  const reasonGiven = new Choice(scope, 'ReasonGiven')
    .when(isGivenText('$.reason'), revoke)
    .otherwise(noReason.next(revoke));
  return new InputCheck(scope, 'Input', { next: reasonGiven });
}

const abortPayload = (): Record<string, unknown> => ({
  migration: JsonPath.stringAt('$.migration'),
  reason: JsonPath.stringAt('$.reason'),
});

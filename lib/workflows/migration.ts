import type { IChainable } from 'aws-cdk-lib/aws-stepfunctions';
import { Succeed } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import type { SluiceFunctions } from '../constructs/sluice-functions';
import { begin } from './begin';
import { copyItem, verifyItem } from './chunk-items';
import { Failure } from './failure';
import { InputCheck } from './input-check';
import { Judge } from './judge';
import { stage } from './stage';
import { WaveLoop } from './wave-loop';

/** The stages of a move, in order: claim, prepare, fence, plan, copy, verify, judge, cut over. */
export function migration(scope: Construct, functions: SluiceFunctions): IChainable {
  const failure = new Failure(scope, 'Failure', { recordFailure: functions.get('recordFailure') });
  const run = (id: string, name: Parameters<SluiceFunctions['get']>[0]) =>
    stage(scope, id, { handler: functions.get(name), failure });
  const nextWave = functions.get('nextWave');

  const copy = new WaveLoop(scope, 'CopyLoop', {
    purpose: 'copy',
    nextWave,
    item: copyItem(scope, functions.get('copyChunk')),
    failure,
  });
  const verify = new WaveLoop(scope, 'VerifyLoop', {
    purpose: 'verify',
    nextWave,
    item: verifyItem(scope, functions.get('verifyChunk')),
    failure,
  });
  const cutover = run('Seal', 'seal')
    .next(run('Flip', 'flip'))
    .next(run('OpenTarget', 'openTarget'))
    .next(new Succeed(scope, 'Moved'));
  const judge = new Judge(scope, 'Gate', {
    handler: functions.get('judge'),
    failure,
    whenClean: cutover,
    whenRecopy: copy,
  });
  copy.whenEmpty(verify);
  verify.whenEmpty(judge);

  const stages = begin(scope, { handler: functions.get('begin'), failure })
    .next(run('Preflight', 'preflight'))
    .next(run('Prepare', 'prepare'))
    .next(run('FenceSource', 'fenceSource'))
    .next(run('Plan', 'plan'))
    .next(copy);
  return new InputCheck(scope, 'Input', { next: stages });
}

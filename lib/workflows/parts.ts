/** What the ways of all shapes have in common, built anew for each. */

import type { Chain, IChainable } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import type { FunctionName } from '../../src/contract/names';
import type { SluiceFunctions } from '../constructs/sluice-functions';
import { copyItem, verifyItem } from './chunk-items';
import type { Failure } from './failure';
import { FLIP_RETRY } from './retry';
import { stage } from './stage';
import { WaveLoop } from './wave-loop';

export interface WayProps {
  readonly functions: SluiceFunctions;
  readonly failure: Failure;
  /** Begins the names of states that other ways have too: a machine may have each name once. */
  readonly prefix: string;
  /** Where a finished migration leads. */
  readonly done: IChainable;
}

export const copyLoop = (scope: Construct, { functions, failure, prefix }: WayProps): WaveLoop =>
  new WaveLoop(scope, 'CopyLoop', {
    purpose: 'copy',
    prefix,
    nextWave: functions.get('nextWave'),
    item: copyItem(scope, prefix, functions.get('copyChunk')),
    failure,
  });

export const verifyLoop = (scope: Construct, { functions, failure, prefix }: WayProps): WaveLoop =>
  new WaveLoop(scope, 'VerifyLoop', {
    purpose: 'verify',
    prefix,
    nextWave: functions.get('nextWave'),
    item: verifyItem(scope, prefix, functions.get('verifyChunk')),
    failure,
  });

/** What follows every seal. */
export function flipAndOpen(scope: Construct, { functions, failure, prefix }: WayProps): Chain {
  const run = (id: string, name: FunctionName) =>
    stage(scope, `${prefix}${id}`, { handler: functions.get(name), failure, retry: FLIP_RETRY });
  return run('Flip', 'flip').next(run('OpenTarget', 'openTarget'));
}

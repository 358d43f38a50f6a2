import type { IChainable, IStateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Choice, Condition, Succeed } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import { ERRORS } from '../../src/contract/errors';
import type { FunctionName } from '../../src/contract/names';
import type { Shape } from '../../src/contract/payloads';
import type { SluiceFunctions } from '../constructs/sluice-functions';
import { begin } from './begin';
import { Failure } from './failure';
import { InputCheck } from './input-check';
import { LiveWay } from './live-way';
import { OfflineWay } from './offline-way';
import { stage } from './stage';

export interface MigrationProps {
  readonly functions: SluiceFunctions;
  readonly syncMachine: IStateMachine;
}

/** Claim, preflight, prepare; then the way of the migration's shape. */
export function migration(scope: Construct, { functions, syncMachine }: MigrationProps): IChainable {
  const failure = new Failure(scope, 'Failure', { recordFailure: functions.get('recordFailure') });
  const run = (id: string, name: FunctionName) => stage(scope, id, { handler: functions.get(name), failure });
  const props = { functions, failure, done: new Succeed(scope, 'Moved') };
  const ways: Readonly<Record<Shape, IChainable>> = {
    offline: new OfflineWay(scope, 'Offline', props),
    cdc: new LiveWay(scope, 'Live', { ...props, syncMachine }),
  };

  const shape = new Choice(scope, 'Shape');
  for (const [name, way] of Object.entries(ways)) shape.when(Condition.stringEquals('$.shape', name), way);
  shape.otherwise(
    failure.because(scope, 'ShapeUnknown', {
      error: ERRORS.brokenLedger,
      cause: `The migration's shape is none of "${Object.keys(ways).join('", "')}"; deploy functions and machines of one version.`,
    }),
  );
  const stages = begin(scope, { handler: functions.get('begin'), failure })
    .next(run('Preflight', 'preflight'))
    .next(run('Prepare', 'prepare'))
    .next(shape);
  return new InputCheck(scope, 'Input', { next: stages });
}

import { Duration } from 'aws-cdk-lib';
import type { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { acknowledgeExecutionsPattern } from '../grants';
import { abort } from '../workflows/abort';
import type { SluiceFunctions } from './sluice-functions';
import { StandardMachine } from './standard-machine';

export interface AbortMachineProps {
  readonly environmentName: string;
  readonly functions: SluiceFunctions;
  readonly logRetention: RetentionDays;
}

/** `Abort`: brings a migration back to its source, whatever its stage. Starting it twice is harmless. */
export class AbortMachine extends StandardMachine {
  constructor(scope: Construct, id: string, props: AbortMachineProps) {
    super(scope, id, {
      environmentName: props.environmentName,
      name: 'Abort',
      definition: (states) =>
        abort(states, {
          environmentName: props.environmentName,
          revoke: props.functions.get('revoke'),
          undo: props.functions.get('undo'),
        }),
      timeout: Duration.days(1),
      logRetention: props.logRetention,
    });
    acknowledgeExecutionsPattern(this, props.environmentName, 'Migration');
  }
}

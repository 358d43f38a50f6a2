import { Duration } from 'aws-cdk-lib';
import type { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import { stateMachineName } from '../../src/contract/names';
import { sync } from '../workflows/sync';
import type { SluiceFunctions } from './sluice-functions';
import { StandardMachine } from './standard-machine';

export interface SyncMachineProps {
  readonly environmentName: string;
  readonly functions: SluiceFunctions;
  readonly logRetention: RetentionDays;
}

/** `Sync`: keeps the target of one migration in sync with its source. Starting it twice is harmless: one claims the role. */
export class SyncMachine extends StandardMachine {
  constructor(scope: Construct, id: string, props: SyncMachineProps) {
    const { environmentName, functions } = props;
    super(scope, id, {
      environmentName,
      name: 'Sync',
      definition: (states) =>
        sync(states, {
          nextSync: functions.get('nextSync'),
          applyChanges: functions.get('applyChanges'),
          // By its name: a machine cannot refer to itself.
          self: StateMachine.fromStateMachineName(states, 'Self', stateMachineName(environmentName, 'Sync')),
        }),
      // It renews itself every hour or so; this ends one that hangs.
      timeout: Duration.days(30),
      logRetention: props.logRetention,
    });
  }
}

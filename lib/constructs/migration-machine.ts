import { Arn, ArnFormat, Duration, Stack, Validations } from 'aws-cdk-lib';
import type { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { migration } from '../workflows/migration';
import type { SluiceFunctions } from './sluice-functions';
import { StandardMachine } from './standard-machine';
import type { SyncMachine } from './sync-machine';

export interface MigrationMachineProps {
  readonly environmentName: string;
  readonly functions: SluiceFunctions;
  /** Started by migrations of shape `cdc`. */
  readonly syncMachine: SyncMachine;
  readonly logRetention: RetentionDays;
}

/** `Migration`: moves the tables of one migration from its source to its target. */
export class MigrationMachine extends StandardMachine {
  constructor(scope: Construct, id: string, props: MigrationMachineProps) {
    super(scope, id, {
      environmentName: props.environmentName,
      name: 'Migration',
      definition: (states) =>
        migration(states, { functions: props.functions, syncMachine: props.syncMachine.machine }),
      timeout: Duration.days(30),
      logRetention: props.logRetention,
    });
    this.acknowledgeMapPolicy();
  }

  /** Findings are named by the resolved ARN; the map's policy names its machine by reference, as CDK writes it. */
  private acknowledgeMapPolicy(): void {
    const stack = Stack.of(this);
    const { resourceName } = Arn.split(this.machine.stateMachineArn, ArnFormat.COLON_RESOURCE_NAME);
    const ownName = JSON.stringify(stack.resolve(resourceName));
    const executions = stack.formatArn({
      service: 'states',
      resource: 'execution',
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
      resourceName: ownName,
    });
    Validations.of(this.machine).acknowledge(
      ...[':*', '/Copy:*', '/Verify:*', '/LiveCopy:*', '/LiveVerify:*'].map((suffix) => ({
        id: `AwsSolutions-IAM5[Resource::${executions}${suffix}]`,
        reason:
          'A map starts, watches, stops and redrives the executions of its own machine; it names them itself.',
      })),
    );
  }
}

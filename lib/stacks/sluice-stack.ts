import type { StackProps } from 'aws-cdk-lib';
import { CfnOutput, Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { ABORT, MIGRATION, SHAPES, SYNC } from '../../src/contract/lifecycle';
import { stackName } from '../../src/contract/names';
import { codeVersionOf } from '../code-version';
import { ControlTable } from '../constructs/control-table';
import { LifecycleMachine } from '../constructs/lifecycle-machine';
import { SluiceFunctions } from '../constructs/sluice-functions';
import type { MigrationEndpoints } from '../endpoints';
import { checkEndpoints } from '../endpoints';
import type { Environment } from '../environment';

export interface SluiceStackProps extends Pick<StackProps, 'description'> {
  readonly environment: Environment;
  /** Endpoints of every migration in this environment; functions can reach no other database. */
  readonly endpoints: readonly MigrationEndpoints[];
}

/** The ledger, the functions and the state machines of one environment. */
export class SluiceStack extends Stack {
  readonly controlTable: ControlTable;
  /** Moves the tables of one migration. */
  readonly migrationMachine: LifecycleMachine;
  /** Keeps the receiving end of one migration in sync. */
  readonly syncMachine: LifecycleMachine;
  /** Aborts a migration at any stage: the serving side keeps or regains the writes. */
  readonly abortMachine: LifecycleMachine;

  constructor(scope: Construct, id: string, props: SluiceStackProps) {
    const { environment, endpoints } = props;
    super(scope, id, {
      stackName: stackName(environment.name),
      description: props.description ?? `Sluice, environment ${environment.name}`,
      env: { account: environment.account, region: environment.region },
    });
    checkEndpoints(endpoints, environment);
    const shared = { environmentName: environment.name, logRetention: environment.logRetention };
    this.controlTable = new ControlTable(this, 'Control', shared);
    const functions = new SluiceFunctions(this, 'Functions', {
      ...shared,
      controlTable: this.controlTable,
      endpoints,
    });
    const migration = { ...MIGRATION, shapes: SHAPES };
    const code = codeVersionOf(functions.bundleHash, [migration, SYNC, ABORT]);
    this.syncMachine = new LifecycleMachine(this, 'Sync', { ...shared, functions, code, table: SYNC });
    this.migrationMachine = new LifecycleMachine(this, 'Migration', {
      ...{ ...shared, functions, code, table: migration },
      starts: { Sync: this.syncMachine },
    });
    this.abortMachine = new LifecycleMachine(this, 'Abort', { ...shared, functions, code, table: ABORT });

    new CfnOutput(this, 'MigrationMachineArn', { value: this.migrationMachine.machine.stateMachineArn });
    new CfnOutput(this, 'SyncMachineArn', { value: this.syncMachine.machine.stateMachineArn });
    new CfnOutput(this, 'AbortMachineArn', { value: this.abortMachine.machine.stateMachineArn });
    new CfnOutput(this, 'CodeVersion', { value: code });
    new CfnOutput(this, 'ControlTableName', { value: this.controlTable.tableName });
  }
}

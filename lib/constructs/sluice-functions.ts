import type { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { FunctionName } from '../../src/contract/names';
import { FUNCTIONS } from '../../src/contract/names';
import { ACCESS } from '../access';
import type { MigrationEndpoints } from '../endpoints';
import { grantDatabases } from '../grants';
import type { ControlTable } from './control-table';
import { handlerCode } from './handler-bundle';
import { SluiceFunction } from './sluice-function';

export interface SluiceFunctionsProps {
  readonly environmentName: string;
  readonly controlTable: ControlTable;
  readonly endpoints: readonly MigrationEndpoints[];
  readonly logRetention: RetentionDays;
}

/** Every function of the contract, with the access that the access table gives it. */
export class SluiceFunctions extends Construct {
  private readonly functions: ReadonlyMap<FunctionName, SluiceFunction>;

  constructor(scope: Construct, id: string, props: SluiceFunctionsProps) {
    super(scope, id);
    const { environmentName, controlTable, logRetention } = props;
    const code = handlerCode();
    this.functions = new Map(
      FUNCTIONS.map((name) => [
        name,
        new SluiceFunction(this, name, { environmentName, name, code, controlTable, logRetention }),
      ]),
    );
    for (const [name, sluiceFunction] of this.functions) {
      grantDatabases(sluiceFunction, ACCESS[name], props.endpoints);
      if (ACCESS[name].deletesItems) controlTable.grantDelete(sluiceFunction);
      if (ACCESS[name].describesMigrations) sluiceFunction.grantDescribeExecutions('Migration');
      if (ACCESS[name].describesSyncs) sluiceFunction.grantDescribeExecutions('Sync');
    }
  }

  get(name: FunctionName): SluiceFunction {
    const found = this.functions.get(name);
    if (!found)
      throw new Error(`Function ${name} is not in FUNCTIONS of src/contract/names.ts; add it there.`);
    return found;
  }
}

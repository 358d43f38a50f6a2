import type { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import { Construct } from 'constructs';
import { functionRows } from '../../src/contract/lifecycle';
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

/** Every function that a machine of the lifecycle invokes, with the access that its row gives it. */
export class SluiceFunctions extends Construct {
  private readonly functions: ReadonlyMap<string, SluiceFunction>;

  constructor(scope: Construct, id: string, props: SluiceFunctionsProps) {
    super(scope, id);
    const { environmentName, controlTable, logRetention } = props;
    const code = handlerCode();
    const rows = functionRows();
    this.functions = new Map(
      rows.map((row) => [
        row.name,
        new SluiceFunction(this, row.name, { environmentName, row, code, controlTable, logRetention }),
      ]),
    );
    for (const row of rows) {
      const granted = this.get(row.name);
      grantDatabases(granted, row, props.endpoints);
      if (row.deletesItems) controlTable.grantDelete(granted);
      for (const machine of row.describes ?? []) granted.grantDescribeExecutions(machine);
      for (const machine of row.stops ?? []) granted.grantStopExecutions(machine);
    }
  }

  /** Hash of the bundle that all functions share. */
  get bundleHash(): string {
    const assets = this.node.findAll().filter((construct): construct is Asset => construct instanceof Asset);
    const [hash, ...others] = new Set(assets.map(({ assetHash }) => assetHash));
    if (hash === undefined || others.length > 0)
      throw new Error(
        `The functions have ${others.length + (hash ? 1 : 0)} bundles, not one. Share one Code.`,
      );
    return hash;
  }

  /** @throws Error if no row of the lifecycle has the name */
  get(name: string): SluiceFunction {
    const found = this.functions.get(name);
    if (!found)
      throw new Error(`No function is named ${name}. Add a step that invokes it to src/contract/lifecycle.`);
    return found;
  }
}

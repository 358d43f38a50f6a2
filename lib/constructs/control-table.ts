import { RemovalPolicy } from 'aws-cdk-lib';
import { AttributeType, BillingMode, Table } from 'aws-cdk-lib/aws-dynamodb';
import type { IGrantable } from 'aws-cdk-lib/aws-iam';
import { Grant } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { controlTableName } from '../../src/contract/names';

/** Every handler reads and writes single items, queries by key, and reads the table's id. None scans. */
const ITEM_ACTIONS = [
  ...['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:Query', 'dynamodb:UpdateItem'],
  'dynamodb:DescribeTable',
];

export interface ControlTableProps {
  readonly environmentName: string;
}

/** The ledger of all migrations in an environment. It is retained with the stack gone: it records which side serves writes. */
export class ControlTable extends Construct {
  readonly table: Table;

  constructor(scope: Construct, id: string, props: ControlTableProps) {
    super(scope, id);
    this.table = new Table(this, 'Table', {
      tableName: controlTableName(props.environmentName),
      partitionKey: { name: 'pk', type: AttributeType.STRING },
      sortKey: { name: 'sk', type: AttributeType.STRING },
      billingMode: BillingMode.PAY_PER_REQUEST,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: true,
      removalPolicy: RemovalPolicy.RETAIN,
    });
  }

  get tableName(): string {
    return this.table.tableName;
  }

  /** Grants the deletion of single items. */
  grantDelete(grantee: IGrantable): Grant {
    return Grant.addToPrincipal({
      grantee,
      actions: ['dynamodb:DeleteItem'],
      resourceArns: [this.table.tableArn],
    });
  }

  /** Grants operations on items; nothing that scans, changes or deletes the table. */
  grantItems(grantee: IGrantable): Grant {
    return Grant.addToPrincipal({
      grantee,
      actions: ITEM_ACTIONS,
      resourceArns: [this.table.tableArn],
    });
  }
}

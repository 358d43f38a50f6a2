import type {
  AttributeDefinition,
  BillingMode,
  GlobalSecondaryIndex,
  KeySchemaElement,
  LocalSecondaryIndex,
  ProvisionedThroughput,
} from '@aws-sdk/client-dynamodb';

import { propertiesOf } from './properties';

/** A table in the terms of DynamoDB's CreateTable. */
export interface TableResource {
  readonly logicalId: string;
  readonly name: string;
  readonly arn: string;
  readonly keySchema: KeySchemaElement[];
  readonly attributes: AttributeDefinition[];
  readonly billingMode: BillingMode;
  readonly provisionedThroughput: ProvisionedThroughput | undefined;
  readonly globalIndexes: GlobalSecondaryIndex[];
  readonly localIndexes: LocalSecondaryIndex[];
  /** Holds when an item expires; absent if items do not. */
  readonly ttlAttribute?: string | undefined;
}

const KNOWN = [
  ...['TableName', 'KeySchema', 'AttributeDefinitions', 'BillingMode', 'ProvisionedThroughput'],
  ...['GlobalSecondaryIndexes', 'LocalSecondaryIndexes', 'Replicas', 'TimeToLiveSpecification'],
];
const HARMLESS = [
  ...[
    'ContributorInsightsSpecification',
    'DeletionProtectionEnabled',
    'OnDemandThroughput',
    'SSESpecification',
  ],
  ...['PointInTimeRecoverySpecification', 'TableClass', 'Tags'],
];

export function readTable(
  identity: { logicalId: string; name: string; arn: string },
  properties: Readonly<Record<string, unknown>>,
): TableResource {
  const reader = propertiesOf(properties, KNOWN, HARMLESS);
  const replicas = reader.optional('Replicas') as unknown[] | undefined;
  if (replicas !== undefined && replicas.length !== 1)
    throw new Error(`${replicas.length} replicas, where one is run`);
  const throughput = reader.optional('ProvisionedThroughput') as ProvisionedThroughput | undefined;
  const billingMode = (reader.optionalText('BillingMode') ?? 'PROVISIONED') as BillingMode;
  if (billingMode === 'PROVISIONED' && throughput === undefined)
    throw new Error('ProvisionedThroughput is missing');
  return {
    ...identity,
    keySchema: (reader.optional('KeySchema') ?? []) as KeySchemaElement[],
    attributes: (reader.optional('AttributeDefinitions') ?? []) as AttributeDefinition[],
    billingMode,
    provisionedThroughput: throughput,
    globalIndexes: ((reader.optional('GlobalSecondaryIndexes') ?? []) as GlobalSecondaryIndex[]).map(
      ({ IndexName, KeySchema, Projection, ProvisionedThroughput }) => ({
        IndexName,
        KeySchema,
        Projection,
        ...(ProvisionedThroughput === undefined ? {} : { ProvisionedThroughput }),
      }),
    ),
    localIndexes: (reader.optional('LocalSecondaryIndexes') ?? []) as LocalSecondaryIndex[],
    ttlAttribute: ttlAttributeOf(reader.optional('TimeToLiveSpecification')),
  };
}

/** Expired items may stay for days in AWS too, so a table that never deletes them is within the contract of TTL. */
function ttlAttributeOf(specification: unknown): string | undefined {
  if (specification === undefined) return undefined;
  const reader = propertiesOf(
    specification as Readonly<Record<string, unknown>>,
    ['AttributeName', 'Enabled'],
    [],
  );
  // CloudFormation takes flags as text, too.
  const enabled = String(reader.optional('Enabled'));
  if (enabled === 'true') return reader.text('AttributeName');
  if (enabled === 'false') return undefined;
  throw new Error(`Enabled of TimeToLiveSpecification should be true or false, not ${enabled}`);
}

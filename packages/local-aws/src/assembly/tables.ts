import type {
  AttributeDefinition,
  BillingMode,
  GlobalSecondaryIndex,
  KeySchemaElement,
  LocalSecondaryIndex,
  ProvisionedThroughput,
} from '@aws-sdk/client-dynamodb';

import { read } from './shapes';
import { keyProblems } from './table-keys';
import { GLOBAL_TABLE, TABLE, type TableGiven } from './table-shapes';

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
  /** The attribute that holds the time when an item expires; absent without TTL. */
  readonly ttlAttribute?: string | undefined;
}

const DEFAULTS = { BillingMode: 'PROVISIONED' };

/** @throws Error with everything in the properties that is wrong or not supported */
export function readTable(
  identity: { logicalId: string; name: string; arn: string },
  properties: Readonly<Record<string, unknown>>,
): TableResource {
  return tableOf(identity, read(TABLE, { ...DEFAULTS, ...properties }));
}

/** @throws Error as `readTable`, or if the replica is in another Region */
export function readGlobalTable(
  identity: { logicalId: string; name: string; arn: string },
  properties: Readonly<Record<string, unknown>>,
  region: string,
): TableResource {
  const given = read(GLOBAL_TABLE, { ...DEFAULTS, ...properties });
  const elsewhere = given.Replicas.find(({ Region }) => Region !== region);
  if (elsewhere !== undefined)
    throw new Error(`Replicas[0].Region is ${elsewhere.Region}, but the stack's is ${region}`);
  return tableOf(identity, given);
}

function tableOf(
  identity: { logicalId: string; name: string; arn: string },
  given: Omit<TableGiven, 'SSESpecification'>,
): TableResource {
  const { GlobalSecondaryIndexes: globalIndexes = [], LocalSecondaryIndexes: localIndexes = [] } = given;
  const table = {
    keySchema: [...given.KeySchema],
    attributes: [...given.AttributeDefinitions],
    billingMode: given.BillingMode,
    provisionedThroughput: undefined,
    globalIndexes: globalIndexes.map(indexOf),
    localIndexes: localIndexes.map(indexOf),
  };
  const timeToLive = given.TimeToLiveSpecification;
  const expires = timeToLive !== undefined && String(timeToLive.Enabled) === 'true';
  const problems = keyProblems(table);
  if (expires && timeToLive.AttributeName === undefined)
    problems.push('TimeToLiveSpecification.AttributeName is missing');
  if (problems.length > 0) throw new Error(problems.join('; '));
  return { ...identity, ...table, ttlAttribute: expires ? timeToLive.AttributeName : undefined };
}

type IndexGiven = NonNullable<TableGiven['LocalSecondaryIndexes']>[number];

/** Leaves out properties that do not affect requests, such as contributor insights. */
const indexOf = ({ IndexName, KeySchema, Projection }: IndexGiven) => ({
  IndexName,
  KeySchema: [...KeySchema],
  Projection: {
    ProjectionType: Projection.ProjectionType,
    ...(Projection.NonKeyAttributes === undefined
      ? {}
      : { NonKeyAttributes: [...Projection.NonKeyAttributes] }),
  },
});

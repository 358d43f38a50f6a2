/** Supported properties of AWS::DynamoDB::Table and AWS::DynamoDB::GlobalTable. */
import { list, oneOf, text, type Shape } from '../aws-json';
import { closed, flag, refused, single, TAGS, whole } from './shapes';

const CAPACITY =
  'table capacity is not enforced locally; use BillingMode PAY_PER_REQUEST without a maximum throughput';
const KEY = 'key policies are not evaluated; leave the encryption to DynamoDB';

const KEY_SCHEMA = list(closed({ AttributeName: text, KeyType: oneOf('HASH', 'RANGE') }, {}));
const PROJECTION = closed(
  { ProjectionType: oneOf('ALL', 'INCLUDE', 'KEYS_ONLY') },
  { NonKeyAttributes: list(text) },
);
const INDEX = { IndexName: text, KeySchema: KEY_SCHEMA, Projection: PROJECTION };
const INSIGHTS = closed({ Enabled: flag }, { Mode: oneOf('ACCESSED_AND_THROTTLED_KEYS', 'THROTTLED_KEYS') });

/** DynamoDB may keep an expired item for days, so deleting it late is correct. */
const TIME_TO_LIVE = closed({ Enabled: flag }, { AttributeName: text });

const BILLING_MODE: Shape<'PAY_PER_REQUEST'> = {
  check(value, place, problems) {
    if (value !== 'PAY_PER_REQUEST') problems.push(`${place} is ${JSON.stringify(value)}: ${CAPACITY}`);
  },
};

const REQUIRED = {
  ...{ BillingMode: BILLING_MODE, KeySchema: KEY_SCHEMA },
  AttributeDefinitions: list(closed({ AttributeName: text, AttributeType: oneOf('S', 'N', 'B') }, {})),
};

/** Durability, insights and storage class, which do not affect the results of requests. */
const MAINTENANCE = {
  ...{ ContributorInsightsSpecification: INSIGHTS, DeletionProtectionEnabled: flag, Tags: TAGS },
  PointInTimeRecoverySpecification: closed(
    {},
    { PointInTimeRecoveryEnabled: flag, RecoveryPeriodInDays: whole(1, 35) },
  ),
  TableClass: oneOf('STANDARD', 'STANDARD_INFREQUENT_ACCESS'),
};

const OPTIONAL = {
  ...{ TableName: text, LocalSecondaryIndexes: list(closed(INDEX, {})) },
  TimeToLiveSpecification: TIME_TO_LIVE,
};

export const TABLE = closed(REQUIRED, {
  ...OPTIONAL,
  ...MAINTENANCE,
  GlobalSecondaryIndexes: list(
    closed(INDEX, {
      ...{ ContributorInsightsSpecification: INSIGHTS, OnDemandThroughput: refused(CAPACITY) },
      ProvisionedThroughput: refused(CAPACITY),
    }),
  ),
  ...{ ProvisionedThroughput: refused(CAPACITY), OnDemandThroughput: refused(CAPACITY) },
  SSESpecification: closed({ SSEEnabled: flag }, { SSEType: oneOf('KMS'), KMSMasterKeyId: refused(KEY) }),
});

const WRITES = {
  WriteOnDemandThroughputSettings: refused(CAPACITY),
  WriteProvisionedThroughputSettings: refused(CAPACITY),
};
const READS = {
  ReadOnDemandThroughputSettings: refused(CAPACITY),
  ReadProvisionedThroughputSettings: refused(CAPACITY),
};

const REPLICA = closed(
  { Region: text },
  {
    ...{ ...MAINTENANCE, ...READS, SSESpecification: refused(KEY) },
    GlobalSecondaryIndexes: list(
      closed({ IndexName: text }, { ContributorInsightsSpecification: INSIGHTS, ...READS }),
    ),
  },
);

export const GLOBAL_TABLE = closed(
  { ...REQUIRED, Replicas: single(REPLICA, 'the engine runs one Region') },
  {
    ...{ ...OPTIONAL, ...WRITES, ...READS },
    GlobalSecondaryIndexes: list(closed(INDEX, { ...WRITES, ...READS })),
    SSESpecification: closed({ SSEEnabled: flag }, { SSEType: oneOf('KMS') }),
  },
);

export type TableGiven = typeof TABLE extends Shape<infer T> ? T : never;

import { problemsOf, readTemplate, RESOURCES, withProperties, withResources } from './template';

const ATTRIBUTES = ['pk', 'sk', 'kind'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' }));
const KEYS = [
  { AttributeName: 'pk', KeyType: 'HASH' },
  { AttributeName: 'sk', KeyType: 'RANGE' },
];
const BY_KIND = {
  IndexName: 'byKind',
  KeySchema: [{ AttributeName: 'kind', KeyType: 'HASH' }],
  Projection: { ProjectionType: 'INCLUDE', NonKeyAttributes: ['a'] },
};
const LOCAL = {
  IndexName: 'local',
  KeySchema: [KEYS[0], { AttributeName: 'kind', KeyType: 'RANGE' }],
  Projection: { ProjectionType: 'ALL' },
};
const INDEXED = { KeySchema: KEYS, AttributeDefinitions: ATTRIBUTES, GlobalSecondaryIndexes: [BY_KIND] };
const MAINTENANCE = {
  ContributorInsightsSpecification: { Enabled: true },
  DeletionProtectionEnabled: true,
  PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true, RecoveryPeriodInDays: 7 },
  TableClass: 'STANDARD',
  Tags: [{ Key: 'a', Value: 'b' }],
};

test('reads the supported properties of a table', () => {
  const { tables } = readTemplate(
    withProperties('Items', {
      ...INDEXED,
      ...MAINTENANCE,
      LocalSecondaryIndexes: [LOCAL],
      SSESpecification: { SSEEnabled: true, SSEType: 'KMS' },
      TimeToLiveSpecification: { AttributeName: 'until', Enabled: true },
    }),
  );
  expect(tables).toEqual([
    {
      ...{ logicalId: 'Items', name: 'items', arn: 'arn:aws:dynamodb:eu-west-1:111122223333:table/items' },
      ...{ keySchema: KEYS, attributes: ATTRIBUTES, billingMode: 'PAY_PER_REQUEST' },
      ...{ provisionedThroughput: undefined, globalIndexes: [BY_KIND], localIndexes: [LOCAL] },
      ttlAttribute: 'until',
    },
  ]);
});

test.each([
  ['no specification', undefined],
  ['a disabled specification', { AttributeName: 'until', Enabled: 'false' }],
])('a table has no time to live with %s', (_what, TimeToLiveSpecification) => {
  const { tables } = readTemplate(withProperties('Items', { TimeToLiveSpecification }));
  expect(tables[0]?.ttlAttribute).toBeUndefined();
});

const CAPACITY = 'table capacity is not enforced locally; use BillingMode PAY_PER_REQUEST without a maximum';
const index = (members: object) => ({ ...INDEXED, GlobalSecondaryIndexes: [{ ...BY_KIND, ...members }] });

test.each<[string, object, string]>([
  [
    'a time to live without an attribute',
    { TimeToLiveSpecification: { Enabled: true } },
    'TimeToLiveSpecification.AttributeName is missing',
  ],
  ['provisioned capacity', { BillingMode: 'PROVISIONED' }, `BillingMode is "PROVISIONED": ${CAPACITY}`],
  [
    'provisioned capacity by default',
    { BillingMode: undefined },
    `BillingMode is "PROVISIONED": ${CAPACITY}`,
  ],
  [
    'capacity units',
    { ProvisionedThroughput: { ReadCapacityUnits: 5 } },
    'ProvisionedThroughput ({"ReadCapacityUnits":5}) has no',
  ],
  [
    'a maximum throughput',
    { OnDemandThroughput: { MaxReadRequestUnits: 5 } },
    'OnDemandThroughput ({"MaxReadRequestUnits":5})',
  ],
  [
    'replicas',
    { Replicas: [{ Region: 'eu-west-1' }] },
    'Replicas ([{"Region":"eu-west-1"}]) has no local counterpart',
  ],
  [
    'a stream',
    { StreamSpecification: {} },
    'StreamSpecification ({}) has no local counterpart: leave it out',
  ],
  ['a resource policy', { ResourcePolicy: {} }, 'ResourcePolicy ({}) has no local counterpart'],
  [
    'a KMS key',
    { SSESpecification: { SSEEnabled: true, KMSMasterKeyId: 'k' } },
    'SSESpecification.KMSMasterKeyId ("k") has no',
  ],
  [
    'an unknown member of point-in-time recovery',
    { PointInTimeRecoverySpecification: { On: 1 } },
    'PointInTimeRecoverySpecification.On (1)',
  ],
  [
    'an unknown member of a key',
    { KeySchema: [{ ...KEYS[0], Order: 1 }] },
    'KeySchema[0].Order (1) has no local counterpart',
  ],
  [
    'an unknown member of an attribute',
    { AttributeDefinitions: [{ ...ATTRIBUTES[0], Length: 1 }] },
    'AttributeDefinitions[0].Length (1) has no local counterpart',
  ],
  [
    'a maximum throughput of an index',
    index({ OnDemandThroughput: {} }),
    'GlobalSecondaryIndexes[0].OnDemandThroughput ({}) has no',
  ],
  [
    'capacity units of an index',
    index({ ProvisionedThroughput: {} }),
    'GlobalSecondaryIndexes[0].ProvisionedThroughput ({}) has',
  ],
  [
    'warm throughput of an index',
    index({ WarmThroughput: {} }),
    'GlobalSecondaryIndexes[0].WarmThroughput ({}) has no',
  ],
  [
    'an unknown projection',
    index({ Projection: { ProjectionType: 'SOME', Attributes: [] } }),
    'GlobalSecondaryIndexes[0].Projection.ProjectionType must be one of ALL, INCLUDE, KEYS_ONLY, not "SOME"; GlobalSecondaryIndexes[0].Projection.Attributes ([])',
  ],
  [
    'an unknown member of a local index',
    { ...INDEXED, LocalSecondaryIndexes: [{ ...LOCAL, Sparse: true }] },
    'LocalSecondaryIndexes[0].Sparse (true) has no local counterpart',
  ],
  [
    'a key without a partition key',
    { KeySchema: [KEYS[1]] },
    'KeySchema is [{"AttributeName":"sk","KeyType":"RANGE"}], not one HASH and at',
  ],
  [
    'a key attribute without a definition',
    { KeySchema: KEYS },
    'AttributeDefinitions lacks sk, which is in a key',
  ],
  [
    'an attribute that is not in a key',
    { AttributeDefinitions: ATTRIBUTES },
    'AttributeDefinitions has sk, which is not in a key',
  ],
  [
    'an index with two partition key attributes',
    index({ KeySchema: [KEYS[0], { AttributeName: 'kind', KeyType: 'HASH' }] }),
    'KeySchema of index byKind is [{"AttributeName":"pk","KeyType":"HASH"},{"AttributeName":"kind","KeyType":"HASH"}], not one',
  ],
  [
    'a local index with another partition key',
    { ...INDEXED, LocalSecondaryIndexes: [{ ...LOCAL, KeySchema: BY_KIND.KeySchema }] },
    "the local index local must have the table's HASH and a RANGE",
  ],
  [
    'two indexes with one name',
    { ...INDEXED, LocalSecondaryIndexes: [{ ...LOCAL, IndexName: 'byKind' }] },
    'two indexes have the name byKind',
  ],
])('%s is refused', (_what, properties, problem) => {
  expect(problemsOf(withProperties('Items', properties))).toEqual([
    expect.stringContaining(`Items (AWS::DynamoDB::Table): ${problem}`),
  ]);
});

const REPLICA = { Region: { Ref: 'AWS::Region' }, ...MAINTENANCE };
const globalTable = (properties: object) =>
  withResources({
    Items: {
      Type: 'AWS::DynamoDB::GlobalTable',
      Properties: { ...RESOURCES.Items.Properties, Replicas: [REPLICA], ...properties },
    },
  });

test('a global table in one Region is read as a table', () => {
  const Replicas = [{ ...REPLICA, GlobalSecondaryIndexes: [{ IndexName: 'byKind' }] }];
  const SSESpecification = { SSEEnabled: false };
  expect(readTemplate(globalTable({ ...INDEXED, Replicas, SSESpecification })).tables).toEqual(
    readTemplate(withProperties('Items', INDEXED)).tables,
  );
});

test.each<[string, object, string]>([
  ['no replica', { Replicas: undefined }, 'Replicas is missing'],
  [
    'two replicas',
    { Replicas: [REPLICA, { Region: 'eu-west-2' }] },
    'Replicas must have one item, not 2: the engine runs one Region',
  ],
  [
    'a replica in another Region',
    { Replicas: [{ Region: 'eu-west-2' }] },
    "Replicas[0].Region is eu-west-2, but the stack's is eu-west-1",
  ],
  [
    'a stream of a replica',
    { Replicas: [{ ...REPLICA, KinesisStreamSpecification: {} }] },
    'Replicas[0].KinesisStreamSpecification ({}) has',
  ],
  [
    'a KMS key of a replica',
    { Replicas: [{ ...REPLICA, SSESpecification: {} }] },
    'Replicas[0].SSESpecification ({}) has no',
  ],
  [
    'a maximum throughput of a replica',
    { Replicas: [{ ...REPLICA, ReadOnDemandThroughputSettings: {} }] },
    'Replicas[0].ReadOnDemand',
  ],
  [
    'a maximum throughput',
    { WriteOnDemandThroughputSettings: {} },
    'WriteOnDemandThroughputSettings ({}) has no local counterpart',
  ],
  [
    'a property that belongs to the replica',
    { DeletionProtectionEnabled: true },
    'DeletionProtectionEnabled (true) has no local',
  ],
  ['provisioned capacity', { BillingMode: undefined }, `BillingMode is "PROVISIONED": ${CAPACITY}`],
])('a global table with %s is refused', (_what, properties, problem) => {
  expect(problemsOf(globalTable(properties))).toEqual([
    expect.stringContaining(`Items (AWS::DynamoDB::GlobalTable): ${problem}`),
  ]);
});

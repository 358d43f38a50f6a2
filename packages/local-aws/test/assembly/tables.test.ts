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
const KEPT = {
  ContributorInsightsSpecification: { Enabled: true },
  DeletionProtectionEnabled: true,
  PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true, RecoveryPeriodInDays: 7 },
  TableClass: 'STANDARD',
  Tags: [{ Key: 'a', Value: 'b' }],
};

test('what is understood of a table', () => {
  const { tables } = readTemplate(
    withProperties('Items', {
      ...INDEXED,
      ...KEPT,
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
  ['none', undefined],
  ['one that is off', { AttributeName: 'until', Enabled: 'false' }],
])('a table without a time to live: %s', (_what, TimeToLiveSpecification) => {
  const { tables } = readTemplate(withProperties('Items', { TimeToLiveSpecification }));
  expect(tables[0]?.ttlAttribute).toBeUndefined();
});

const CAPACITY = 'capacity of tables is not enforced here; use BillingMode PAY_PER_REQUEST without a maximum';
const index = (members: object) => ({ ...INDEXED, GlobalSecondaryIndexes: [{ ...BY_KIND, ...members }] });

test.each<[string, object, string]>([
  [
    'a time to live of no attribute',
    { TimeToLiveSpecification: { Enabled: true } },
    'TimeToLiveSpecification.AttributeName is missing',
  ],
  ['capacity', { BillingMode: 'PROVISIONED' }, `BillingMode is "PROVISIONED": ${CAPACITY}`],
  ['capacity by default', { BillingMode: undefined }, `BillingMode is "PROVISIONED": ${CAPACITY}`],
  [
    'units',
    { ProvisionedThroughput: { ReadCapacityUnits: 5 } },
    'ProvisionedThroughput ({"ReadCapacityUnits":5}) has no',
  ],
  [
    'a maximum',
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
  ['a policy', { ResourcePolicy: {} }, 'ResourcePolicy ({}) has no local counterpart'],
  [
    'a key',
    { SSESpecification: { SSEEnabled: true, KMSMasterKeyId: 'k' } },
    'SSESpecification.KMSMasterKeyId ("k") has no',
  ],
  [
    'an unknown recovery',
    { PointInTimeRecoverySpecification: { On: 1 } },
    'PointInTimeRecoverySpecification.On (1)',
  ],
  [
    'a member of a key',
    { KeySchema: [{ ...KEYS[0], Order: 1 }] },
    'KeySchema[0].Order (1) has no local counterpart',
  ],
  [
    'a member of an attribute',
    { AttributeDefinitions: [{ ...ATTRIBUTES[0], Length: 1 }] },
    'AttributeDefinitions[0].Length (1) has no local counterpart',
  ],
  [
    'a maximum of an index',
    index({ OnDemandThroughput: {} }),
    'GlobalSecondaryIndexes[0].OnDemandThroughput ({}) has no',
  ],
  [
    'units of an index',
    index({ ProvisionedThroughput: {} }),
    'GlobalSecondaryIndexes[0].ProvisionedThroughput ({}) has',
  ],
  [
    'warmth of an index',
    index({ WarmThroughput: {} }),
    'GlobalSecondaryIndexes[0].WarmThroughput ({}) has no',
  ],
  [
    'a projection',
    index({ Projection: { ProjectionType: 'SOME', Attributes: [] } }),
    'GlobalSecondaryIndexes[0].Projection.ProjectionType must be one of ALL, INCLUDE, KEYS_ONLY, not "SOME"; GlobalSecondaryIndexes[0].Projection.Attributes ([])',
  ],
  [
    'an index that is local',
    { ...INDEXED, LocalSecondaryIndexes: [{ ...LOCAL, Sparse: true }] },
    'LocalSecondaryIndexes[0].Sparse (true) has no local counterpart',
  ],
  [
    'no hash',
    { KeySchema: [KEYS[1]] },
    'KeySchema is [{"AttributeName":"sk","KeyType":"RANGE"}], not one HASH and at',
  ],
  [
    'an attribute that is not defined',
    { KeySchema: KEYS },
    'AttributeDefinitions lacks sk, which is in a key',
  ],
  [
    'an attribute too many',
    { AttributeDefinitions: ATTRIBUTES },
    'AttributeDefinitions has sk, which is in no key',
  ],
  [
    'an index on two attributes',
    index({ KeySchema: [KEYS[0], { AttributeName: 'kind', KeyType: 'HASH' }] }),
    'KeySchema of index byKind is [{"AttributeName":"pk","KeyType":"HASH"},{"AttributeName":"kind","KeyType":"HASH"}], not one',
  ],
  [
    'a local index on another hash',
    { ...INDEXED, LocalSecondaryIndexes: [{ ...LOCAL, KeySchema: BY_KIND.KeySchema }] },
    "the local index local must have the table's HASH and a RANGE",
  ],
  [
    'two indexes of one name',
    { ...INDEXED, LocalSecondaryIndexes: [{ ...LOCAL, IndexName: 'byKind' }] },
    'two indexes have the name byKind',
  ],
])('%s', (_what, properties, problem) => {
  expect(problemsOf(withProperties('Items', properties))).toEqual([
    expect.stringContaining(`Items (AWS::DynamoDB::Table): ${problem}`),
  ]);
});

const REPLICA = { Region: { Ref: 'AWS::Region' }, ...KEPT };
const globalTable = (properties: object) =>
  withResources({
    Items: {
      Type: 'AWS::DynamoDB::GlobalTable',
      Properties: { ...RESOURCES.Items.Properties, Replicas: [REPLICA], ...properties },
    },
  });

test('a global table of one Region is a table', () => {
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
    'Replicas must have one item, not 2: one Region is run',
  ],
  [
    'a replica elsewhere',
    { Replicas: [{ Region: 'eu-west-2' }] },
    "Replicas[0].Region is eu-west-2, but the stack's is eu-west-1",
  ],
  [
    'a stream of a replica',
    { Replicas: [{ ...REPLICA, KinesisStreamSpecification: {} }] },
    'Replicas[0].KinesisStreamSpecification ({}) has',
  ],
  [
    'a key of a replica',
    { Replicas: [{ ...REPLICA, SSESpecification: {} }] },
    'Replicas[0].SSESpecification ({}) has no',
  ],
  [
    'a maximum of a replica',
    { Replicas: [{ ...REPLICA, ReadOnDemandThroughputSettings: {} }] },
    'Replicas[0].ReadOnDemand',
  ],
  [
    'a maximum',
    { WriteOnDemandThroughputSettings: {} },
    'WriteOnDemandThroughputSettings ({}) has no local counterpart',
  ],
  [
    'what belongs into the replica',
    { DeletionProtectionEnabled: true },
    'DeletionProtectionEnabled (true) has no local',
  ],
  ['capacity', { BillingMode: undefined }, `BillingMode is "PROVISIONED": ${CAPACITY}`],
])('of a global table, %s', (_what, properties, problem) => {
  expect(problemsOf(globalTable(properties))).toEqual([
    expect.stringContaining(`Items (AWS::DynamoDB::GlobalTable): ${problem}`),
  ]);
});

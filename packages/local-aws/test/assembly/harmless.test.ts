/** Resource types that have no effect here; properties that would have an effect are refused. */
import { HARMLESS, RUNNABLE } from '../../src/assembly/identifiers';
import { problemsOf, withProperties, withResources } from './template';

const board = (properties: object) => ({
  Board: {
    Type: 'AWS::CloudWatch::Dashboard',
    Properties: { DashboardBody: '{"widgets":[]}', ...properties },
  },
});
const query = (properties: object) => ({
  Query: {
    Type: 'AWS::Logs::QueryDefinition',
    Properties: { Name: 'a', QueryString: 'fields @message', ...properties },
  },
});

test('accepts dashboards and queries', () => {
  const LogGroupNames = [{ Ref: 'Logs' }];
  expect(
    problemsOf(withResources({ ...board({ DashboardName: 'board' }), ...query({ LogGroupNames }) })),
  ).toEqual([]);
});

test.each<[string, object, string]>([
  [
    'a class without metric extraction',
    { LogGroupClass: 'INFREQUENT_ACCESS' },
    'LogGroupClass must be one of STANDARD, not "INFREQUENT_ACCESS"',
  ],
  [
    'a KMS key',
    { KmsKeyId: 'arn' },
    'KmsKeyId ("arn") has no local counterpart: key policies are not evaluated',
  ],
  [
    'a data protection policy',
    { DataProtectionPolicy: {} },
    'DataProtectionPolicy ({}) has no local counterpart: leave it out',
  ],
  ['an unsupported retention', { RetentionInDays: 31 }, 'RetentionInDays must be one of 1, 3, 5, 7, 14, 30'],
])('a log group with %s is refused', (_what, properties, problem) => {
  expect(problemsOf(withProperties('Logs', properties))).toEqual([
    expect.stringContaining(`Logs (AWS::Logs::LogGroup): ${problem}`),
  ]);
});

test('refuses unknown properties of dashboards and queries', () => {
  expect(problemsOf(withResources({ ...board({ Widgets: [] }), ...query({ Every: 5 }) }))).toEqual([
    'Board (AWS::CloudWatch::Dashboard): Widgets ([]) has no local counterpart: leave it out',
    'Query (AWS::Logs::QueryDefinition): Every (5) has no local counterpart: leave it out',
  ]);
});

test.each<[string, string]>([
  [
    'AWS::Logs::MetricFilter',
    'metric filters are not evaluated, so an alarm on the metric could never fire; log the metric in',
  ],
  ['AWS::Logs::ResourcePolicy', 'this resource policy is not evaluated; keep it in another stack'],
  ['AWS::Logs::SubscriptionFilter', 'keep it in another stack'],
  ['AWS::KMS::Key', 'key policies are not evaluated; keep keys in another stack'],
  ['AWS::KMS::Alias', 'key policies are not evaluated; keep keys in another stack'],
  ['AWS::Lambda::EventSourceMapping', 'keep it in another stack'],
  ['AWS::Lambda::EventInvokeConfig', 'keep it in another stack'],
  ['AWS::IAM::User', 'keep it in another stack'],
  ['toString', 'keep it in another stack'],
])('%s is refused', (Type, remedy) => {
  expect(problemsOf(withResources({ Thing: { Type } }))).toEqual([
    expect.stringContaining(
      `Thing (${Type}): the local engine does not support this resource type: ${remedy}`,
    ),
  ]);
});

test('every type is read strictly: an unknown property of any type is reported', () => {
  for (const Type of [...Object.keys(RUNNABLE), ...Object.keys(HARMLESS)]) {
    const [first] = problemsOf({ Resources: { Thing: { Type, Properties: { Nonsense: 1 } } } });
    expect(first).toMatch(/^Thing\b.*\bNonsense\b/);
  }
});

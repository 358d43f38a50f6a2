/** Types that run nothing: what of them would make a difference at AWS is refused. */
import { HARMLESS, RUN } from '../../src/assembly/identifiers';
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

test('what only watches', () => {
  const LogGroupNames = [{ Ref: 'Logs' }];
  expect(
    problemsOf(withResources({ ...board({ DashboardName: 'board' }), ...query({ LogGroupNames }) })),
  ).toEqual([]);
});

test.each<[string, object, string]>([
  [
    'a class without metrics',
    { LogGroupClass: 'INFREQUENT_ACCESS' },
    'LogGroupClass must be one of STANDARD, not "INFREQUENT_ACCESS"',
  ],
  [
    'a key',
    { KmsKeyId: 'arn' },
    'KmsKeyId ("arn") has no local counterpart: policies of keys are not evaluated',
  ],
  ['masks', { DataProtectionPolicy: {} }, 'DataProtectionPolicy ({}) has no local counterpart: leave it out'],
  ['days that are not offered', { RetentionInDays: 31 }, 'RetentionInDays must be one of 1, 3, 5, 7, 14, 30'],
])('of a log group, %s', (_what, properties, problem) => {
  expect(problemsOf(withProperties('Logs', properties))).toEqual([
    expect.stringContaining(`Logs (AWS::Logs::LogGroup): ${problem}`),
  ]);
});

test('unknown properties of what only watches', () => {
  expect(problemsOf(withResources({ ...board({ Widgets: [] }), ...query({ Every: 5 }) }))).toEqual([
    'Board (AWS::CloudWatch::Dashboard): Widgets ([]) has no local counterpart: leave it out',
    'Query (AWS::Logs::QueryDefinition): Every (5) has no local counterpart: leave it out',
  ]);
});

test.each<[string, string]>([
  [
    'AWS::Logs::MetricFilter',
    'nothing local filters logs, and an alarm on its metric could never fire; log the metric in',
  ],
  ['AWS::Logs::ResourcePolicy', 'policies of resources are not evaluated; keep it in another stack'],
  ['AWS::Logs::SubscriptionFilter', 'keep it in another stack'],
  ['AWS::KMS::Key', 'policies of keys are not evaluated; keep keys in another stack'],
  ['AWS::KMS::Alias', 'policies of keys are not evaluated; keep keys in another stack'],
  ['AWS::Lambda::EventSourceMapping', 'keep it in another stack'],
  ['AWS::Lambda::EventInvokeConfig', 'keep it in another stack'],
  ['AWS::IAM::User', 'keep it in another stack'],
  ['toString', 'keep it in another stack'],
])('%s', (Type, remedy) => {
  expect(problemsOf(withResources({ Thing: { Type } }))).toEqual([
    expect.stringContaining(`Thing (${Type}): the local engine knows no such resource type: ${remedy}`),
  ]);
});

test('every type is read, so that an unknown property of any is told', () => {
  for (const Type of [...Object.keys(RUN), ...Object.keys(HARMLESS)]) {
    const [first] = problemsOf({ Resources: { Thing: { Type, Properties: { Nonsense: 1 } } } });
    expect(first).toMatch(/^Thing\b.*\bNonsense\b/);
  }
});

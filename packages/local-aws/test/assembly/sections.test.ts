/** What is wrong around the properties of resources: each is told by its name, and how to do without. */
import { problemsOf, readTemplate, RESOURCES, withResources } from './template';

/** As the CDK writes them into every stack. */
const BOOTSTRAP = {
  Parameters: {
    BootstrapVersion: {
      Type: 'AWS::SSM::Parameter::Value<String>',
      Default: '/cdk-bootstrap/hnb659fds/version',
      Description: 'Version of the CDK Bootstrap resources in this environment. [cdk:skip]',
    },
  },
  Rules: {
    CheckBootstrapVersion: {
      Assertions: [
        {
          Assert: {
            'Fn::Not': [{ 'Fn::Contains': [['1', '2', '3', '4', '5'], { Ref: 'BootstrapVersion' }] }],
          },
          AssertDescription: "CDK bootstrap stack version 6 required. Please run 'cdk bootstrap'.",
        },
      ],
    },
  },
};
const METADATA = {
  Conditions: { CDKMetadataAvailable: { 'Fn::Equals': [{ Ref: 'AWS::Region' }, 'eu-west-1'] } },
  Resources: {
    ...RESOURCES,
    CDKMetadata: {
      Type: 'AWS::CDK::Metadata',
      Properties: { Analytics: 'v2:deflate64:x' },
      Condition: 'CDKMetadataAvailable',
    },
  },
};

test('what the CDK adds by itself is understood', () => {
  const about = { AWSTemplateFormatVersion: '2010-09-09', Description: 'By hand', Metadata: { any: 1 } };
  expect(problemsOf({ ...about, ...BOOTSTRAP, ...METADATA })).toEqual([]);
});

test("the CDK's metadata under another condition", () => {
  const CDKMetadata = { ...METADATA.Resources.CDKMetadata, Condition: 'IsProd' };
  expect(problemsOf(withResources({ CDKMetadata }))).toEqual([
    expect.stringContaining(
      'CDKMetadata (AWS::CDK::Metadata): Condition ("IsProd") has no local counterpart',
    ),
  ]);
});

test.each<[string, object, string]>([
  ['a section', { Nonsense: {} }, 'The template section Nonsense is not supported; leave it out.'],
  ['mappings', { Mappings: {} }, 'The template section Mappings is not supported; give the stack an env'],
  [
    'a transform',
    { Transform: 'AWS::Serverless-2016-10-31' },
    'The template section Transform is not supported',
  ],
  ['hooks', { Hooks: {} }, 'The template section Hooks is not supported'],
  ['a section of another kind', { Outputs: [] }, 'The template section Outputs is not an object.'],
  [
    'a condition',
    { Conditions: { IsProd: {} } },
    'Condition IsProd: conditions are not evaluated; decide it',
  ],
  [
    'a rule',
    { Rules: { OnlyEurope: { Assertions: [] } } },
    'Rule OnlyEurope: rules are not evaluated; check it',
  ],
  [
    "a rule with the name of the CDK's",
    { Rules: { CheckBootstrapVersion: { Assertions: [{ Assert: { 'Fn::Equals': ['a', 'b'] } }] } } },
    'Rule CheckBootstrapVersion: rules are not evaluated',
  ],
  [
    "the CDK's rule under a condition",
    { Rules: { CheckBootstrapVersion: { Assertions: [], RuleCondition: { 'Fn::Equals': ['a', 'b'] } } } },
    'Rule CheckBootstrapVersion: rules are not evaluated',
  ],
])('%s', (_what, section, problem) => {
  expect(problemsOf({ Resources: RESOURCES, ...section })).toEqual([expect.stringContaining(problem)]);
});

const parameter = (given: object, value: unknown = { Ref: 'Word' }) => ({
  Resources: RESOURCES,
  Parameters: { Word: given },
  Outputs: { Said: { Value: value } },
});

describe('parameters', () => {
  test.each<[object, string]>([
    [{ Type: 'String', Default: 'orders', AllowedPattern: '[a-z]+', MinLength: 1, MaxLength: 6 }, 'orders'],
    [{ Type: 'String', Default: 'a', AllowedValues: ['a', 'b'], NoEcho: true, Description: 'x' }, 'a'],
    [{ Type: 'Number', Default: 5, MinValue: 5, MaxValue: '5', ConstraintDescription: 'five' }, '5'],
    [{ Type: 'Number', Default: '-0.5', AllowedValues: [-0.5] }, '-0.5'],
  ])('%j has a value', (given, value) => {
    expect(readTemplate(parameter(given)).outputs).toEqual({ Said: value });
  });

  test('a number stays one where a number is asked for', () => {
    const Full = {
      Type: 'AWS::CloudWatch::Alarm',
      Properties: {
        ...{ Namespace: 'Shop', MetricName: 'lag', Statistic: 'Maximum', Period: 60 },
        ...{ EvaluationPeriods: 1, ComparisonOperator: 'GreaterThanThreshold', Threshold: { Ref: 'Limit' } },
      },
    };
    const Parameters = { Limit: { Type: 'Number', Default: '7.5' } };
    expect(readTemplate({ Parameters, ...withResources({ Full }) }).alarms[0]?.threshold).toBe(7.5);
  });

  test.each<[string, object, string]>([
    [
      'of Parameter Store',
      { Type: 'AWS::SSM::Parameter::Value<String>', Default: '/shop/word' },
      'Type AWS::SSM::Parameter::Value<String> is not supported, only String and Number are',
    ],
    [
      'that is a list',
      { Type: 'CommaDelimitedList', Default: 'a,b' },
      'Type CommaDelimitedList is not supported',
    ],
    ['without a type', { Default: 'a' }, 'Type is missing'],
    [
      'with an unknown member',
      { Type: 'String', Default: 'a', Length: 1 },
      'Length (1) has no local counterpart',
    ],
    [
      'that is none of',
      { Type: 'String', Default: 'c', AllowedValues: ['a'] },
      'Default "c" breaks AllowedValues ["a"]',
    ],
    [
      'that fits a pattern in part',
      { Type: 'String', Default: 'ab1', AllowedPattern: '[a-z]+' },
      'Default "ab1" breaks AllowedPattern "[a-z]+"',
    ],
    [
      'with a wrong pattern',
      { Type: 'String', Default: 'a', AllowedPattern: '(' },
      'Default "a" breaks AllowedPattern "("',
    ],
    ['too short', { Type: 'String', Default: 'a', MinLength: 2 }, 'Default "a" breaks MinLength 2'],
    ['too long', { Type: 'String', Default: 'abc', MaxLength: '2' }, 'Default "abc" breaks MaxLength "2"'],
    ['too small', { Type: 'Number', Default: 1, MinValue: 2 }, 'Default "1" breaks MinValue 2'],
    ['too large', { Type: 'Number', Default: 10, MaxValue: 9 }, 'Default "10" breaks MaxValue 9'],
    [
      'that is no number',
      { Type: 'Number', Default: 'ten' },
      'Default "ten" is not a number in its shortest form',
    ],
    ['that is written at length', { Type: 'Number', Default: '1.50' }, 'Default "1.50" is not a number'],
  ])('%s', (_what, given, problem) => {
    expect(problemsOf(parameter(given))).toEqual([
      expect.stringContaining(`Parameter Word: ${problem}`),
      expect.stringMatching(/^Output Said: Ref "Word" cannot be resolved: of the parameter Word, /),
    ]);
  });

  test('without a default, and one that nobody refers to', () => {
    expect(problemsOf(parameter({ Type: 'String' }))).toEqual([
      'Output Said: Ref "Word" cannot be resolved: the parameter Word has no Default; write its value there.',
    ]);
    expect(problemsOf(parameter({ Type: 'String', Default: 5, MaxLength: 0 }, 'x'))).toEqual([
      'Parameter Word: Default "5" breaks MaxLength 0',
    ]);
  });

  test("the CDK's BootstrapVersion, but for its rule", () => {
    const Outputs = { Version: { Value: { 'Fn::Sub': 'v${BootstrapVersion}' } } };
    expect(problemsOf({ Resources: RESOURCES, ...BOOTSTRAP, Outputs })).toEqual([
      expect.stringContaining('Output Version: Ref "BootstrapVersion" cannot be resolved: of the parameter'),
    ]);
  });
});

describe('attributes of a resource', () => {
  test('that change nothing', () => {
    const Items = {
      ...RESOURCES.Items,
      ...{ DependsOn: ['Worker', 'Machine'], Metadata: { 'aws:cdk:path': 'x' } },
      ...{ DeletionPolicy: 'RetainExceptOnCreate', UpdateReplacePolicy: 'Retain' },
    };
    expect(
      problemsOf(withResources({ Items, Letters: { ...RESOURCES.Letters, DependsOn: 'Items' } })),
    ).toEqual([]);
  });

  test.each<[string, object, string]>([
    ['a misspelt one', { Propertiess: {} }, 'Propertiess ({}) has no local counterpart: leave it out'],
    ['CreationPolicy', { CreationPolicy: { A: 1 } }, 'CreationPolicy ({"A":1}) has no local counterpart'],
    ['UpdatePolicy', { UpdatePolicy: { A: 1 } }, 'UpdatePolicy ({"A":1}) has no local counterpart'],
    [
      'a snapshot',
      { DeletionPolicy: 'Snapshot' },
      'DeletionPolicy must be one of Delete, Retain, RetainExceptOnCreate',
    ],
    [
      'a condition',
      { Condition: 'IsProd' },
      'Condition ("IsProd") has no local counterpart: conditions are not',
    ],
    ['a dependency', { DependsOn: 'Ghost' }, 'DependsOn names "Ghost", which is no other resource'],
    ['itself', { DependsOn: ['Machine', 'Logs'] }, 'DependsOn names "Logs", which is no other resource'],
    ['properties that are none', { Properties: 'x' }, 'Properties must be an object, not "x"'],
  ])('%s', (_what, attribute, problem) => {
    const [first] = problemsOf(withResources({ Logs: { ...RESOURCES.Logs, ...attribute } }));
    expect(first).toContain(`Logs (AWS::Logs::LogGroup): ${problem}`);
  });

  test('a condition on any type, whatever the template says of it', () => {
    const conditional = (logicalId: keyof typeof RESOURCES) =>
      withResources({ [logicalId]: { ...RESOURCES[logicalId], Condition: 'CDKMetadataAvailable' } });
    for (const logicalId of Object.keys(RESOURCES) as (keyof typeof RESOURCES)[])
      expect(problemsOf(conditional(logicalId))).toEqual([
        `${logicalId} (${RESOURCES[logicalId].Type}): Condition ("CDKMetadataAvailable") has no local counterpart: conditions are not evaluated; decide it in the CDK app`,
      ]);
  });

  test('a logical id, a type', () => {
    expect(problemsOf(withResources({ 'Fn::ForEach::X': {} })).slice(0, 3)).toEqual([
      'Fn::ForEach::X (no type): Type is missing',
      'Fn::ForEach::X (no type): its logical id is not letters and digits',
      'Fn::ForEach::X (no type): the local engine knows no such resource type: keep it in another stack',
    ]);
  });
});

describe('outputs', () => {
  test('may be exported and described', () => {
    const Value = { Ref: 'Items' };
    const Outputs = {
      Name: { Value, Description: 'x', Export: { Name: { 'Fn::Sub': '${AWS::StackName}-name' } } },
    };
    expect(readTemplate({ Resources: RESOURCES, Outputs }).outputs).toEqual({ Name: 'items' });
  });

  test.each<[string, object, string]>([
    ['a condition', { Value: 'x', Condition: 'IsProd' }, 'Condition ("IsProd") has no local counterpart'],
    ['an unknown member', { Value: 'x', Values: 1 }, 'Values (1) has no local counterpart'],
    ['an unknown member of an export', { Value: 'x', Export: { Name: 'a', As: 1 } }, 'Export.As (1) has no'],
    ['no value', {}, 'Value is missing'],
    ['a value that is no text', { Value: { a: 1 } }, 'Value must be text, not {"a":1}'],
    [
      'a name of another stack',
      { Value: 'x', Export: { Name: { Ref: 'Ghost' } } },
      'Ref "Ghost" cannot be resolved',
    ],
  ])('%s', (_what, output, problem) => {
    expect(problemsOf({ Resources: RESOURCES, Outputs: { Said: output } })).toEqual([
      expect.stringContaining(`Output Said: ${problem}`),
    ]);
  });
});

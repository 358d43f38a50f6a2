/** Problems outside the properties of resources: each is reported by name, with a remedy. */
import { problemsOf, readTemplate, RESOURCES, withResources } from './template';

/** The CDK writes these into every stack. */
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

test('accepts the sections that the CDK adds', () => {
  const about = { AWSTemplateFormatVersion: '2010-09-09', Description: 'By hand', Metadata: { any: 1 } };
  expect(problemsOf({ ...about, ...BOOTSTRAP, ...METADATA })).toEqual([]);
});

test("refuses the CDK's metadata under another condition", () => {
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
    'Condition IsProd: conditions are not evaluated; decide in',
  ],
  [
    'a rule',
    { Rules: { OnlyEurope: { Assertions: [] } } },
    'Rule OnlyEurope: rules are not evaluated; check the',
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
])('refuses %s', (_what, section, problem) => {
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

  test('a number stays a number where a number is required', () => {
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
      'Type AWS::SSM::Parameter::Value<String> is not supported; use String or Number',
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
      'outside its allowed values',
      { Type: 'String', Default: 'c', AllowedValues: ['a'] },
      'Default "c" breaks AllowedValues ["a"]',
    ],
    [
      'that matches its pattern in part',
      { Type: 'String', Default: 'ab1', AllowedPattern: '[a-z]+' },
      'Default "ab1" breaks AllowedPattern "[a-z]+"',
    ],
    [
      'with an invalid pattern',
      { Type: 'String', Default: 'a', AllowedPattern: '(' },
      'Default "a" breaks AllowedPattern "("',
    ],
    ['too short', { Type: 'String', Default: 'a', MinLength: 2 }, 'Default "a" breaks MinLength 2'],
    ['too long', { Type: 'String', Default: 'abc', MaxLength: '2' }, 'Default "abc" breaks MaxLength "2"'],
    ['too small', { Type: 'Number', Default: 1, MinValue: 2 }, 'Default "1" breaks MinValue 2'],
    ['too large', { Type: 'Number', Default: 10, MaxValue: 9 }, 'Default "10" breaks MaxValue 9'],
    [
      'that is not a number',
      { Type: 'Number', Default: 'ten' },
      'Default "ten" is not a number in its shortest form',
    ],
    ['with trailing zeros', { Type: 'Number', Default: '1.50' }, 'Default "1.50" is not a number'],
  ])('refuses one %s', (_what, given, problem) => {
    expect(problemsOf(parameter(given))).toEqual([
      expect.stringContaining(`Parameter Word: ${problem}`),
      expect.stringMatching(
        /^Output Said: Ref "Word" cannot be resolved: the parameter Word is not usable: /,
      ),
    ]);
  });

  test('refuses one without a default if it is referenced, and a wrong default even if it is not', () => {
    expect(problemsOf(parameter({ Type: 'String' }))).toEqual([
      'Output Said: Ref "Word" cannot be resolved: the parameter Word has no Default; set Default to its value.',
    ]);
    expect(problemsOf(parameter({ Type: 'String', Default: 5, MaxLength: 0 }, 'x'))).toEqual([
      'Parameter Word: Default "5" breaks MaxLength 0',
    ]);
  });

  test("refuses a reference to the CDK's BootstrapVersion outside its rule", () => {
    const Outputs = { Version: { Value: { 'Fn::Sub': 'v${BootstrapVersion}' } } };
    expect(problemsOf({ Resources: RESOURCES, ...BOOTSTRAP, Outputs })).toEqual([
      expect.stringContaining('Output Version: Ref "BootstrapVersion" cannot be resolved: the parameter'),
    ]);
  });
});

describe('attributes of a resource', () => {
  test('accepts attributes that have no effect', () => {
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
    ['a misspelt attribute', { Propertiess: {} }, 'Propertiess ({}) has no local counterpart: leave it out'],
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
    ['a dependency', { DependsOn: 'Ghost' }, 'DependsOn names "Ghost", which is not another resource'],
    [
      'itself as a dependency',
      { DependsOn: ['Machine', 'Logs'] },
      'DependsOn names "Logs", which is not another resource',
    ],
    ['properties that are not an object', { Properties: 'x' }, 'Properties must be an object, not "x"'],
  ])('refuses %s', (_what, attribute, problem) => {
    const [first] = problemsOf(withResources({ Logs: { ...RESOURCES.Logs, ...attribute } }));
    expect(first).toContain(`Logs (AWS::Logs::LogGroup): ${problem}`);
  });

  test('refuses a condition on a resource of any type', () => {
    const conditional = (logicalId: keyof typeof RESOURCES) =>
      withResources({ [logicalId]: { ...RESOURCES[logicalId], Condition: 'CDKMetadataAvailable' } });
    for (const logicalId of Object.keys(RESOURCES) as (keyof typeof RESOURCES)[])
      expect(problemsOf(conditional(logicalId))).toEqual([
        `${logicalId} (${RESOURCES[logicalId].Type}): Condition ("CDKMetadataAvailable") has no local counterpart: conditions are not evaluated; decide in the CDK app`,
      ]);
  });

  test('refuses a malformed logical id and a missing type', () => {
    expect(problemsOf(withResources({ 'Fn::ForEach::X': {} })).slice(0, 3)).toEqual([
      'Fn::ForEach::X (no type): Type is missing',
      'Fn::ForEach::X (no type): its logical id must consist of 1 to 255 letters and digits',
      'Fn::ForEach::X (no type): the local engine does not support this resource type: keep it in another stack',
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
    ['a value that is an object', { Value: { a: 1 } }, 'Value must be a string, not {"a":1}'],
    [
      'an unresolved export name',
      { Value: 'x', Export: { Name: { Ref: 'Ghost' } } },
      'Ref "Ghost" cannot be resolved',
    ],
  ])('refuses %s', (_what, output, problem) => {
    expect(problemsOf({ Resources: RESOURCES, Outputs: { Said: output } })).toEqual([
      expect.stringContaining(`Output Said: ${problem}`),
    ]);
  });
});

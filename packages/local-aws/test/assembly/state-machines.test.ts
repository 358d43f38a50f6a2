import { problemsOf, readTemplate, RESOURCES, withProperties, withResources } from './template';

const definition = (state: object): string => JSON.stringify({ StartAt: 'A', States: { A: state } });
const LOGGED = {
  Level: 'ERROR',
  IncludeExecutionData: false,
  Destinations: [{ CloudWatchLogsLogGroup: { LogGroupArn: { 'Fn::GetAtt': ['Logs', 'Arn'] } } }],
};

test('accepts properties that do not affect executions', () => {
  const { stateMachines } = readTemplate(
    withProperties('Machine', {
      ...{
        StateMachineType: 'STANDARD',
        LoggingConfiguration: LOGGED,
        TracingConfiguration: { Enabled: true },
      },
      ...{ EncryptionConfiguration: { Type: 'AWS_OWNED_KEY' }, Tags: [{ Key: 'a', Value: 'b' }] },
    }),
  );
  const [machine] = readTemplate({ Resources: RESOURCES }).stateMachines;
  expect(stateMachines).toEqual([{ ...machine, logs: true }]);
});

test.each<[string, object]>([
  ['as text', { DefinitionString: definition({ Type: 'Pass', Result: '${Word}', End: true }) }],
  [
    'as an object',
    { Definition: { StartAt: 'A', States: { A: { Type: 'Pass', Result: '${Word}', End: true } } } },
  ],
  ['in a file', { DefinitionS3Location: { Bucket: 'assets', Key: 'definition.json' } }],
])('reads a definition %s', (_how, given) => {
  const properties = { DefinitionString: undefined, DefinitionSubstitutions: { Word: 5 }, ...given };
  const [machine] = readTemplate(withProperties('Machine', properties)).stateMachines;
  expect(machine?.definition).toBe(definition({ Type: 'Pass', Result: '5', End: true }));
});

const ONE = 'exactly one of DefinitionString, Definition, DefinitionS3Location is required, not';

test.each<[string, object, string]>([
  ['two definitions', { Definition: {} }, `${ONE} DefinitionString and Definition`],
  ['no definition', { DefinitionString: undefined }, `${ONE} none`],
  [
    'an express workflow',
    { StateMachineType: 'EXPRESS' },
    'StateMachineType must be one of STANDARD, not "EXPRESS"',
  ],
  [
    'a version of the file',
    {
      DefinitionString: undefined,
      DefinitionS3Location: { Bucket: 'b', Key: 'definition.json', Version: '3' },
    },
    'DefinitionS3Location.Version ("3") has no local counterpart: an asset has one version',
  ],
  [
    'a file from another bucket',
    { DefinitionString: undefined, DefinitionS3Location: { Bucket: 'b', Key: 'other.json' } },
    'the asset manifest has no asset for DefinitionS3Location.Key other.json',
  ],
  [
    'a substitution that is an object',
    { DefinitionSubstitutions: { Word: {} } },
    'DefinitionSubstitutions.Word must be a string, a number or a Boolean, not {}',
  ],
  [
    'an unknown log level',
    { LoggingConfiguration: { Level: 'DEBUG' } },
    'LoggingConfiguration.Level must be one of ALL, ERROR, FATAL, OFF, not "DEBUG"',
  ],
  [
    'logs without a destination',
    { LoggingConfiguration: { Level: 'ERROR' } },
    'LoggingConfiguration.Level is ERROR, without Destinations; add a log group, or set Level to OFF',
  ],
  [
    'logs to a malformed ARN',
    {
      LoggingConfiguration: {
        Destinations: [{ CloudWatchLogsLogGroup: { LogGroupArn: 'arn:aws:logs:eu-west-1:1:log-group:a' } }],
      },
    },
    'LoggingConfiguration.Destinations[0].CloudWatchLogsLogGroup.LogGroupArn must be the ARN of a log group that ends with :*, not "arn',
  ],
  [
    'an unknown member of logging',
    { LoggingConfiguration: { ...LOGGED, Sampling: 1 } },
    'LoggingConfiguration.Sampling (1) has no local counterpart',
  ],
  [
    'an unknown destination of logs',
    { LoggingConfiguration: { Destinations: [{ S3: 'x' }] } },
    'LoggingConfiguration.Destinations[0].CloudWatchLogsLogGroup is missing; LoggingConfiguration.Destinations[0].S3 ("x")',
  ],
  [
    'a KMS key',
    { EncryptionConfiguration: { Type: 'CUSTOMER_MANAGED_KMS_KEY', KmsKeyId: 'k' } },
    'EncryptionConfiguration.Type must be one of AWS_OWNED_KEY, not "CUSTOMER_MANAGED_KMS_KEY"; EncryptionConfiguration.KmsKeyId ("k")',
  ],
  ['an unknown property', { Aliases: [] }, 'Aliases ([]) has no local counterpart: leave it out'],
  ['a malformed name', { StateMachineName: 'a b' }, "Invalid Name: 'a b' (1 to 80 characters"],
  [
    'a definition that is not JSON',
    { DefinitionString: '{' },
    'definition: the definition is not valid JSON',
  ],
  [
    'an unsupported definition',
    { DefinitionString: definition({ Type: 'Pass', Arguments: {}, Next: 'B' }) },
    "definition: state 'A': ",
  ],
])('%s is refused', (_what, properties, problem) => {
  expect(problemsOf(withProperties('Machine', properties))).toEqual([
    expect.stringContaining(`Machine (AWS::StepFunctions::StateMachine): ${problem}`),
  ]);
});

test('reports the problems of all definitions together with all other problems, before anything starts', () => {
  const wrong = (type: string) => ({
    Type: 'AWS::StepFunctions::StateMachine',
    Properties: {
      ...RESOURCES.Machine.Properties,
      StateMachineName: type,
      DefinitionString: definition({ Type: type, Credentials: {}, End: true }),
    },
  });
  const problems = problemsOf(
    withResources({ One: wrong('Task'), Two: wrong('Loop'), Topic: { Type: 'AWS::SNS::Topic' } }),
  );
  expect(problems).toEqual([
    expect.stringMatching(
      /^One \(AWS::StepFunctions::StateMachine\): definition: state 'A': .*Resource.*; definition: .*Credentials/,
    ),
    expect.stringMatching(
      /^Two \(AWS::StepFunctions::StateMachine\): definition: state 'A': Type 'Loop' is not supported/,
    ),
    'Topic (AWS::SNS::Topic): the local engine does not support this resource type: keep it in another stack',
  ]);
});

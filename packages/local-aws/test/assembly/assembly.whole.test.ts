import { CfnOutput, CfnResource, Fn, Stack } from 'aws-cdk-lib';
import { CfnStateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { readAssembly } from '../../src/assembly';
import { synthesize, type FixtureApp } from './fixture';

const made: FixtureApp[] = [];
const read = (extend?: (stack: Stack) => void, options: { region?: string; stackName?: string } = {}) => {
  const app = synthesize('exports.handler = async () => 1;', extend);
  made.push(app);
  return readAssembly({ assemblyDirectory: app.assemblyDirectory, ...options });
};
afterAll(() => made.forEach(({ directory }) => rmSync(directory, { recursive: true })));

test('lists the resources of a synthesized stack, with every reference resolved', () => {
  const assembly = read();
  expect(assembly).toMatchObject({ stackName: 'Little', region: 'eu-central-1', account: '123456789012' });
  const [table] = assembly.tables;
  expect(table?.name).toMatch(/^Little-Items/);
  expect(table).toMatchObject({
    keySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
    billingMode: 'PAY_PER_REQUEST',
    globalIndexes: [{ IndexName: 'byKind', Projection: { ProjectionType: 'ALL' } }],
  });
  const [handler] = assembly.functions;
  expect(handler).toMatchObject({
    name: 'little-handler',
    arn: 'arn:aws:lambda:eu-central-1:123456789012:function:little-handler',
    handler: 'index.handler',
    runtime: 'nodejs24.x',
    timeoutSeconds: 20,
    memoryMegabytes: 256,
    reservedConcurrency: 5,
    environment: { TABLE: table?.name, ACCOUNT_OF_TABLE: '123456789012' },
  });
  expect(handler?.roleArn).toMatch(/^arn:aws:iam::123456789012:role\/Little-Handler/);
  expect(existsSync(join(handler?.codeDirectory ?? '', 'index.js'))).toBe(true);
  const [machine] = assembly.stateMachines;
  expect(machine?.name).toBe('little-machine');
  expect(JSON.parse(machine?.definition ?? '')).toMatchObject({
    StartAt: 'Invoke',
    States: { Invoke: { Type: 'Task', Resource: handler?.arn, End: true } },
  });
  expect(assembly.outputs).toEqual({
    MachineArn: 'arn:aws:states:eu-central-1:123456789012:stateMachine:little-machine',
    Where: `eu-central-1 of ${table?.name} \${kept}`,
  });
});

test('another region changes every ARN', () => {
  expect(read(undefined, { region: 'cn-north-1' }).functions[0]?.arn).toMatch(
    /^arn:aws-cn:lambda:cn-north-1:/,
  );
});

test('reports everything that cannot be run at once', () => {
  const extend = (stack: Stack): void => {
    new CfnResource(stack, 'Topic', { type: 'AWS::SNS::Topic' });
    new CfnResource(stack, 'Express', {
      type: 'AWS::StepFunctions::StateMachine',
      properties: { StateMachineType: 'EXPRESS', DefinitionString: '{}', RoleArn: 'arn' },
    });
    new CfnResource(stack, 'Streaming', {
      type: 'AWS::DynamoDB::Table',
      properties: { StreamSpecification: { StreamViewType: 'KEYS_ONLY' } },
    });
    new CfnOutput(stack, 'Imported', { value: Fn.importValue('other-stack') });
  };
  const expected = [
    'Topic \\(AWS::SNS::Topic\\): the local engine does not support this resource type',
    'Express .*StateMachineType must be one of STANDARD, not "EXPRESS"',
    'Streaming .*StreamSpecification .* has no local counterpart: leave it out',
    'Output Imported: Fn::ImportValue "other-stack" cannot be resolved',
  ];
  expect(() => read(extend)).toThrow(new RegExp(expected.join('[^]*')));
});

test('a definition may have substitutions', () => {
  const assembly = read((stack) => {
    new CfnStateMachine(stack, 'Substituted', {
      stateMachineName: 'substituted',
      roleArn: 'arn:aws:iam::123456789012:role/any',
      definitionString:
        '{"StartAt":"A","States":{"A":{"Type":"Pass","Result":"${Word} ${other}","End":true}}}',
      definitionSubstitutions: { Word: 'a "quoted" word' },
    });
  });
  const machine = assembly.stateMachines.find(({ name }) => name === 'substituted');
  expect(JSON.parse(machine?.definition ?? '')).toMatchObject({
    States: { A: { Result: 'a "quoted" word ${other}' } },
  });
});

test('one of several stacks must be named', () => {
  const second = (stack: Stack): void => {
    new CfnResource(new Stack(stack.node.root, 'Second'), 'Logs', { type: 'AWS::Logs::LogGroup' });
  };
  expect(() => read(second)).toThrow('holds the stacks Little, Second. Name the stack to run.');
  expect(read(second, { stackName: 'Second' }).functions).toEqual([]);
  expect(() => read(second, { stackName: 'Third' })).toThrow('Exactly one must be named Third.');
});

test('a directory that is not an assembly is refused with a remedy', () => {
  expect(() => readAssembly({ assemblyDirectory: '/nowhere' })).toThrow('Run "cdk synth" first.');
});

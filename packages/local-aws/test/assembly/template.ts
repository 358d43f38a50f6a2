/** An assembly written by hand, so that it can contain templates that the CDK would not synthesize. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { readAssembly, type Assembly, type DeploymentContext } from '../../src/assembly';

type Json = Readonly<Record<string, unknown>>;
type Resources = Readonly<Record<string, Json>>;

export const ACCOUNT = '111122223333';
const TRUST = (service: string): Json => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: service } }],
});
const policyAllowing = (name: string, ...Action: readonly string[]) => ({
  PolicyName: name,
  PolicyDocument: { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action, Resource: '*' }] },
});
const arn = (logicalId: string): Json => ({ 'Fn::GetAtt': [logicalId, 'Arn'] });

/** One resource of each main type, with the permissions to invoke a rule's target and to send to its dead-letter queue. */
export const RESOURCES = {
  Items: {
    Type: 'AWS::DynamoDB::Table',
    Properties: {
      TableName: 'items',
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
      AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
    },
  },
  Worker: {
    Type: 'AWS::Lambda::Function',
    Properties: {
      FunctionName: 'worker',
      Handler: 'index.handler',
      Runtime: 'nodejs24.x',
      Code: { S3Bucket: 'assets', S3Key: 'code.zip' },
      Role: arn('WorkerRole'),
    },
  },
  WorkerRole: {
    Type: 'AWS::IAM::Role',
    Properties: {
      AssumeRolePolicyDocument: TRUST('lambda.amazonaws.com'),
      Policies: [policyAllowing('Traces', 'xray:Put*')],
    },
  },
  Machine: {
    Type: 'AWS::StepFunctions::StateMachine',
    Properties: {
      StateMachineName: 'machine',
      DefinitionString: '{"StartAt":"A","States":{"A":{"Type":"Pass","End":true}}}',
      RoleArn: arn('MachineRole'),
    },
  },
  MachineRole: {
    Type: 'AWS::IAM::Role',
    Properties: {
      AssumeRolePolicyDocument: TRUST('states.amazonaws.com'),
      Policies: [
        policyAllowing('Logs', 'logs:*LogDeliver*', 'logs:*ResourcePolic*', 'logs:DescribeLogGroups'),
      ],
    },
  },
  Letters: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'letters' } },
  LettersPolicy: {
    Type: 'AWS::SQS::QueuePolicy',
    Properties: {
      Queues: [{ Ref: 'Letters' }],
      PolicyDocument: {
        Version: '2012-10-17',
        Statement: [
          {
            Effect: 'Allow',
            Principal: { Service: 'events.amazonaws.com' },
            Action: 'sqs:SendMessage',
            Resource: arn('Letters'),
            Condition: { ArnEquals: { 'aws:SourceArn': arn('OnStop') } },
          },
        ],
      },
    },
  },
  OnStop: {
    Type: 'AWS::Events::Rule',
    Properties: {
      Name: 'on-stop',
      EventPattern: { source: ['aws.states'] },
      Targets: [{ Id: 'Worker', Arn: arn('Worker'), DeadLetterConfig: { Arn: arn('Letters') } }],
    },
  },
  MayInvoke: {
    Type: 'AWS::Lambda::Permission',
    Properties: {
      Action: 'lambda:InvokeFunction',
      FunctionName: arn('Worker'),
      Principal: 'events.amazonaws.com',
      SourceArn: arn('OnStop'),
    },
  },
  Logs: {
    Type: 'AWS::Logs::LogGroup',
    Properties: { LogGroupName: '/aws/lambda/worker', RetentionInDays: 30 },
  },
} satisfies Resources;

/**
 * Reads a template as the only stack, `hand`, of an assembly in eu-west-1.
 * @param deployment what was deployed before. @default nothing
 * @param code the content of the function's asset
 */
export function readTemplate(template: Json, deployment: DeploymentContext = {}, code = ''): Assembly {
  const directory = mkdtempSync(join(tmpdir(), 'local-aws-template-'));
  const write = (name: string, json: unknown): void =>
    writeFileSync(join(directory, name), JSON.stringify(json));
  mkdirSync(join(directory, 'asset.code'));
  writeFileSync(join(directory, 'asset.code', 'index.js'), code);
  write('hand.template.json', template);
  write('definition.json', { StartAt: 'A', States: { A: { Type: 'Pass', Result: '${Word}', End: true } } });
  write('hand.assets.json', {
    files: {
      code: { source: { path: 'asset.code', packaging: 'zip' } },
      definition: { source: { path: 'definition.json', packaging: 'file' } },
    },
  });
  write('manifest.json', {
    artifacts: {
      assets: { type: 'cdk:asset-manifest', properties: { file: 'hand.assets.json' } },
      hand: {
        type: 'aws:cloudformation:stack',
        environment: `aws://${ACCOUNT}/eu-west-1`,
        properties: { templateFile: 'hand.template.json' },
        dependencies: ['assets'],
      },
    },
  });
  try {
    return readAssembly({ assemblyDirectory: directory }, deployment);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** Lists the problems of a template; none if it can be run. */
export function problemsOf(template: Json, deployment: DeploymentContext = {}, code = ''): string[] {
  try {
    readTemplate(template, deployment, code);
    return [];
  } catch (error) {
    return [...(error as Error).message.matchAll(/^- (.*)$/gm)].map(([, problem]) => problem!);
  }
}

/** The resources, with some replaced or added. */
export const withResources = (changes: Resources): Json => ({ Resources: { ...RESOURCES, ...changes } });

/** The resources, with properties of one changed; `undefined` removes a property. */
export function withProperties(logicalId: keyof typeof RESOURCES, changes: object): Json {
  const { Type, Properties } = RESOURCES[logicalId];
  return withResources({ [logicalId]: { Type, Properties: { ...Properties, ...changes } } });
}

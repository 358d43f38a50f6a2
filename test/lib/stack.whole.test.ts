import { type Stack, Validations } from 'aws-cdk-lib';
import { AttributeType, Table } from 'aws-cdk-lib/aws-dynamodb';
import { AwsSolutionsChecks } from 'cdk-nag';
import { functionRows } from '../../src/contract/lifecycle';
import { appFor, ENVIRONMENTS, endpointsIn, stackIn, templateOfDev } from './support';

const template = templateOfDev();
const FUNCTIONS = functionRows().map(({ name }) => name);

test('the ledger survives the deletion of its stack, and can be restored', () => {
  template.hasResource('AWS::DynamoDB::Table', {
    DeletionPolicy: 'Retain',
    UpdateReplacePolicy: 'Retain',
    Properties: {
      TableName: 'sluice-dev-control',
      BillingMode: 'PAY_PER_REQUEST',
      DeletionProtectionEnabled: true,
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
    },
  });
});

test.each(FUNCTIONS)('%s runs its export of the shared bundle with its environment variables', (name) => {
  template.hasResourceProperties('AWS::Lambda::Function', {
    FunctionName: `sluice-dev-${name}`,
    Handler: `index.${name}`,
    Runtime: 'nodejs24.x',
    Architectures: ['arm64'],
    TracingConfig: { Mode: 'Active' },
    Environment: { Variables: { SLUICE_ENVIRONMENT: 'dev', POWERTOOLS_METRICS_NAMESPACE: 'Sluice' } },
  });
});

test('the functions are those of the lifecycle and share one asset', () => {
  const functions = Object.values(template.findResources('AWS::Lambda::Function')) as {
    Properties: { Code: { S3Key: string } };
  }[];
  expect(functions).toHaveLength(FUNCTIONS.length);
  expect(new Set(functions.map(({ Properties }) => Properties.Code.S3Key)).size).toBe(1);
});

test('all machines log errors without data and are traced', () => {
  template.allResourcesProperties('AWS::StepFunctions::StateMachine', {
    StateMachineType: 'STANDARD',
    LoggingConfiguration: { Level: 'ERROR', IncludeExecutionData: false },
    TracingConfiguration: { Enabled: true },
  });
});

test('the stack outputs the names that an operator needs', () => {
  expect(Object.keys(template.findOutputs('*')).sort()).toEqual([
    'AbortMachineArn',
    'CodeVersion',
    'ControlTableName',
    'MigrationMachineArn',
    'SyncMachineArn',
  ]);
});

describe('each environment of cdk.json', () => {
  const synthesize = (environment: string, addTo?: (stack: Stack) => void) => {
    const app = appFor(environment);
    const stack = stackIn(app, [endpointsIn(environment)]);
    addTo?.(stack);
    Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
    return app.synth().getStackArtifact(stack.artifactId).template as {
      Resources: Record<string, { Type: string; Properties: Record<string, unknown> }>;
    };
  };

  test.each(Object.entries({ dev: 30, staging: 90, prod: 365 }))(
    '%s passes the checks of AWS Solutions and keeps its logs for %i days',
    (environment, days) => {
      const resources = Object.values(synthesize(environment).Resources);
      const logGroups = resources.filter(({ Type }) => Type === 'AWS::Logs::LogGroup');
      expect(logGroups).toHaveLength(FUNCTIONS.length + ['Migration', 'Sync', 'Abort'].length);
      for (const { Properties } of logGroups) expect(Properties.RetentionInDays).toBe(days);
    },
  );

  test('no other environment exists', () => expect(ENVIRONMENTS).toEqual(['dev', 'staging', 'prod']));

  test('the checks find a violation', () => {
    const unrecoverable = (stack: Stack) =>
      new Table(stack, 'Other', { partitionKey: { name: 'pk', type: AttributeType.STRING } });
    expect(() => synthesize('dev', unrecoverable)).toThrow('AwsSolutions-DDB3');
  });
});

test('every endpoint in another account or Region is refused at once', () => {
  expect(() => stackIn(appFor('prod'), [endpointsIn('dev')])).toThrow(
    /environment prod \(account 444455556666.*orders: source\.clusterArn is .*orders: target\.workerSecretArn is /s,
  );
});

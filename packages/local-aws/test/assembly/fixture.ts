/** A small CDK app, synthesized for the tests. */
import { App, CfnOutput, Duration, Fn, Stack } from 'aws-cdk-lib';
import { AttributeType, BillingMode, Table } from 'aws-cdk-lib/aws-dynamodb';
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { DefinitionBody, StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { LambdaInvoke } from 'aws-cdk-lib/aws-stepfunctions-tasks';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface FixtureApp {
  readonly directory: string;
  readonly assemblyDirectory: string;
}

/**
 * Synthesizes a table, a function and a state machine that invokes it.
 * @param bundle source of the asset's index.js, which exports `handler`
 * @param extend adds to the stack before it is synthesized
 */
export function synthesize(bundle: string, extend: (stack: Stack) => void = () => undefined): FixtureApp {
  const directory = mkdtempSync(join(tmpdir(), 'local-aws-assembly-'));
  const code = mkdtempSync(join(directory, 'code-'));
  writeFileSync(join(code, 'index.js'), bundle);
  const app = new App({
    outdir: join(directory, 'cdk.out'),
    analyticsReporting: false,
    builtinCloudFormationValidation: false,
  });
  const stack = new Stack(app, 'Little', { env: { account: '123456789012', region: 'eu-central-1' } });
  const table = new Table(stack, 'Items', {
    partitionKey: { name: 'pk', type: AttributeType.STRING },
    billingMode: BillingMode.PAY_PER_REQUEST,
  });
  table.addGlobalSecondaryIndex({
    indexName: 'byKind',
    partitionKey: { name: 'kind', type: AttributeType.STRING },
  });
  const handler = new LambdaFunction(stack, 'Handler', {
    functionName: 'little-handler',
    code: Code.fromAsset(code),
    handler: 'index.handler',
    runtime: Runtime.NODEJS_24_X,
    timeout: Duration.seconds(20),
    memorySize: 256,
    reservedConcurrentExecutions: 5,
    environment: { TABLE: table.tableName, ACCOUNT_OF_TABLE: Fn.select(4, Fn.split(':', table.tableArn)) },
  });
  table.grantReadWriteData(handler);
  const machine = new StateMachine(stack, 'Machine', {
    stateMachineName: 'little-machine',
    definitionBody: DefinitionBody.fromChainable(
      new LambdaInvoke(stack, 'Invoke', { lambdaFunction: handler, payloadResponseOnly: true }),
    ),
  });
  new CfnOutput(stack, 'MachineArn', { value: machine.stateMachineArn });
  new CfnOutput(stack, 'Where', {
    value: Fn.sub('${AWS::Region} of ${Name} ${!kept}', { Name: table.tableName }),
  });
  extend(stack);
  app.synth();
  return { directory, assemblyDirectory: join(directory, 'cdk.out') };
}

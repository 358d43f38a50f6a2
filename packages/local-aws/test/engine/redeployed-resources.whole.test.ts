/** Tests which resources a deployment creates, changes, keeps, deletes and refuses. */
import { CloudWatchClient, DescribeAlarmsCommand, ListMetricsCommand } from '@aws-sdk/client-cloudwatch';
import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { Duration, RemovalPolicy, type CfnResource, type Stack } from 'aws-cdk-lib';
import { Alarm, Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { AttributeType, BillingMode, Table } from 'aws-cdk-lib/aws-dynamodb';
import { Rule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction as FunctionTarget } from 'aws-cdk-lib/aws-events-targets';
import { CfnFunction, CfnVersion, type Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { Redeployed } from './redeployed';
import type { Generation } from './versioned-app';

let app: Redeployed;
beforeEach(() => {
  app = new Redeployed();
});
afterEach(() => app.close());

test('deploying the same assembly again changes nothing and keeps warm environments', async () => {
  const assembly = app.synthesize({ word: 'A' });
  await app.start(assembly);
  await app.invoke('worker');
  const pids = app.engine.lambda.environments().map(({ pid }) => pid);
  const before = readFileSync(join(app.directory, 'state', 'stack.json'), 'utf8');
  await app.engine.deploy(assembly);
  await app.invoke('worker');
  expect(app.engine.lambda.environments().map(({ pid }) => pid)).toEqual(pids);
  expect(readFileSync(join(app.directory, 'state', 'stack.json'), 'utf8')).toBe(before);
});

/** Deployments that are refused, each with the reason. */
const REFUSED: readonly (readonly [string, Generation, string])[] = [
  [
    'a second version of unchanged code',
    {
      word: 'A',
      extend: (stack, worker) => new CfnVersion(stack, 'Second', { functionName: worker.functionName }),
    },
    'A version for this Lambda function exists ( 1 ). Modify the function to create a new version',
  ],
  [
    'an unsupported property',
    {
      word: 'B',
      extend: (_stack, worker) =>
        (worker.node.defaultChild as CfnResource).addPropertyOverride('EphemeralStorage', { Size: 1024 }),
    },
    'EphemeralStorage ({"Size":1024}) has no local counterpart',
  ],
  [
    'a function over a limit',
    {
      word: 'B',
      extend: (_stack, worker) =>
        (worker.node.defaultChild as CfnResource).addPropertyOverride('Timeout', 901),
    },
    'its timeout of 901 s is not between 1 and 900 s',
  ],
  [
    'a table that would have to be replaced',
    { word: 'B', extend: (stack) => table(stack, 'other') },
    'Table Versioned-Items',
  ],
];

const table = (stack: Stack, key: string): Table => {
  const made = new Table(stack, 'Items', {
    partitionKey: { name: key, type: AttributeType.STRING },
    billingMode: BillingMode.PAY_PER_REQUEST,
    removalPolicy: RemovalPolicy.DESTROY,
  });
  (made.node.defaultChild as CfnResource).overrideLogicalId('Items');
  return made;
};

test('a refused deployment changes nothing', async () => {
  await app.start(app.synthesize({ word: 'A', extend: (stack) => void table(stack, 'pk') }));
  const state = () => readFileSync(join(app.directory, 'state', 'stack.json'), 'utf8');
  const before = [state(), app.engine.assembly, app.engine.outputs];
  for (const [what, generation, reason] of REFUSED) {
    const keeping: Generation =
      what === 'a table that would have to be replaced'
        ? generation
        : {
            ...generation,
            extend: (stack, worker) => {
              table(stack, 'pk');
              generation.extend?.(stack, worker);
            },
          };
    await expect(app.engine.deploy(app.synthesize(keeping))).rejects.toThrow(reason);
    expect([state(), app.engine.assembly, app.engine.outputs]).toEqual(before);
    expect(await app.invoke('worker')).toEqual({ word: 'A', version: '$LATEST' });
    await expect(app.invoke('worker:2')).rejects.toMatchObject({ name: 'Lambda.ResourceNotFoundException' });
  }
});

test('one deployment runs at a time', async () => {
  await app.start(app.synthesize({ word: 'A' }));
  const [second, third] = [app.synthesize({ word: 'B' }), app.synthesize({ word: 'C' })];
  const deploying = app.engine.deploy(second);
  await expect(app.engine.deploy(third)).rejects.toThrow(
    `Deploying ${third} failed: another deployment is in progress. Deploy it when that has ended.`,
  );
  await deploying;
  await app.engine.deploy(third);
  expect(await app.invoke('worker:live')).toEqual({ word: 'C', version: '3' });
});

test('alarms, rules, tables and functions are created, changed, kept and deleted', async () => {
  const alarm = (stack: Stack, id: string, threshold: number) =>
    new Alarm(stack, id, {
      alarmName: id,
      metric: new Metric({ namespace: 'Shop', metricName: 'lag', period: Duration.minutes(1) }),
      ...{ threshold, evaluationPeriods: 1 },
    });
  const rule = (stack: Stack, worker: LambdaFunction, source: string) =>
    new Rule(stack, 'OnEvent', {
      ruleName: 'on-event',
      eventPattern: { source: [source] },
      targets: [new FunctionTarget(worker)],
    });
  const first = app.synthesize({
    word: 'A',
    extend: (stack, worker) => {
      alarm(stack, 'changed', 1);
      alarm(stack, 'deleted', 1);
      rule(stack, worker, 'before');
      table(stack, 'pk');
      new Table(stack, 'Kept', {
        tableName: 'kept',
        partitionKey: { name: 'pk', type: AttributeType.STRING },
        billingMode: BillingMode.PAY_PER_REQUEST,
      });
    },
  });
  await app.start(first);
  await app.engine.deploy(
    app.synthesize({
      word: 'B',
      extend: (stack, worker) => {
        alarm(stack, 'changed', 2);
        alarm(stack, 'created', 1);
        rule(stack, worker, 'after');
      },
    }),
  );
  const cloudWatch = new CloudWatchClient(app.clientOptions('CLOUDWATCH'));
  const { MetricAlarms = [] } = await cloudWatch.send(new DescribeAlarmsCommand({}));
  expect(MetricAlarms.map(({ AlarmName, Threshold }) => [AlarmName, Threshold]).sort()).toEqual([
    ['changed', 2],
    ['created', 1],
  ]);
  const { TableNames } = await new DynamoDBClient(app.clientOptions('DYNAMODB')).send(
    new ListTablesCommand({}),
  );
  expect(TableNames).toEqual(['kept']);
  const bus = new EventBridgeClient(app.clientOptions('EVENTBRIDGE'));
  const invocations = () => app.engine.lambda.counters()['worker']?.invocations ?? 0;
  await bus.send(
    new PutEventsCommand({
      Entries: ['before', 'after'].map((Source) => ({ Source, DetailType: 'x', Detail: '{}' })),
    }),
  );
  for (let waited = 0; invocations() === 0 && waited < 5_000; waited += 20) await sleep(20);
  await sleep(200);
  expect(invocations()).toBe(1);

  await app.invoke('worker:live');
  const { Metrics = [] } = await cloudWatch.send(new ListMetricsCommand({ MetricName: 'Invocations' }));
  expect(Metrics.map(({ Dimensions = [] }) => Dimensions.map(({ Value }) => Value))).toEqual([
    ['worker'],
    ['worker', 'worker:live'],
  ]);
});

test('a retained function is kept with its code, and a deleted one is gone', async () => {
  const withHelpers = (stack: Stack, worker: LambdaFunction) => {
    const { s3Bucket, s3Key } = (worker.node.defaultChild as unknown as { code: Record<string, string> })
      .code;
    for (const id of ['Kept', 'Deleted']) {
      const made = new CfnFunction(stack, id, {
        functionName: id.toLowerCase(),
        code: { s3Bucket: s3Bucket!, s3Key: s3Key! },
        handler: 'index.handler',
        runtime: 'nodejs24.x',
        role: worker.role!.roleArn,
      });
      if (id === 'Kept') made.applyRemovalPolicy(RemovalPolicy.RETAIN);
    }
  };
  const first = app.synthesize({ word: 'A', extend: withHelpers });
  await app.start(first);
  await app.engine.deploy(app.synthesize({ word: 'B' }));
  rmSync(dirname(first), { recursive: true });
  expect(await app.invoke('kept')).toEqual({ word: 'A', version: '$LATEST' });
  await expect(app.invoke('deleted')).rejects.toMatchObject({ name: 'Lambda.ResourceNotFoundException' });
});

/** The path from a log line of a function, through an alarm and a rule, to the state machine that the rule starts. */
import {
  CloudWatchClient,
  DescribeAlarmHistoryCommand,
  GetMetricStatisticsCommand,
  SetAlarmStateCommand,
} from '@aws-sdk/client-cloudwatch';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import {
  DescribeExecutionCommand,
  ListExecutionsCommand,
  SFNClient,
  type ExecutionListItem,
} from '@aws-sdk/client-sfn';
import { GetQueueUrlCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { Duration, type Stack } from 'aws-cdk-lib';
import {
  Alarm,
  ComparisonOperator,
  Metric,
  TreatMissingData,
  type CfnAlarm,
} from 'aws-cdk-lib/aws-cloudwatch';
import { EventField, Rule, RuleTargetInput, type CfnRule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction, SfnStateMachine } from 'aws-cdk-lib/aws-events-targets';
import type { CfnRole } from 'aws-cdk-lib/aws-iam';
import type { Function as LambdaResource } from 'aws-cdk-lib/aws-lambda';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { DefinitionBody, Pass, StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { startEngine, type Engine } from '../../src/engine';
import { ServiceError } from '../../src/step-functions';
import { synthesize, type FixtureApp } from '../assembly/fixture';

/** Records the lag of its event as a metric, or logs the event. */
const HANDLER = `exports.handler = async (event) => {
  if (event.lag === undefined) return console.log('RECEIVED ' + JSON.stringify(event));
  console.log(JSON.stringify({
    _aws: {
      Timestamp: Date.now(),
      CloudWatchMetrics: [
        { Namespace: 'Shop', Dimensions: [[]], Metrics: [{ Name: 'lag', Unit: 'Seconds', StorageResolution: 1 }] },
      ],
    },
    lag: event.lag,
  }));
};`;

const apps: FixtureApp[] = [];
let engine: Engine;
let stateDirectory: string;
let problems: string[];

function app(extend: (stack: Stack) => void): FixtureApp {
  const made = synthesize(HANDLER, extend);
  apps.push(made);
  return made;
}

async function start(made: FixtureApp): Promise<void> {
  problems = [];
  stateDirectory = join(made.directory, 'state');
  engine = await startEngine({
    assemblyDirectory: made.assemblyDirectory,
    stateDirectory,
    clusters: {},
    secrets: {},
    onProblem: (problem) => problems.push(problem),
  });
}

afterAll(() => {
  for (const { directory } of apps) rmSync(directory, { recursive: true });
});

const client = <C>(Client: new (options: object) => C, service: string): C =>
  new Client({
    endpoint: engine.environment[`AWS_ENDPOINT_URL_${service}`],
    region: engine.environment['AWS_REGION'],
    // Polling exceeds the rate of ListExecutions.
    maxAttempts: 10,
    credentials: { accessKeyId: engine.environment['AWS_ACCESS_KEY_ID'], secretAccessKey: 'local' },
  });

async function until<T>(what: () => Promise<T | undefined> | T | undefined): Promise<T> {
  for (;;) {
    const found = await what();
    if (found !== undefined) return found;
    await sleep(50);
  }
}

function withAlarm(stack: Stack): void {
  const handler = stack.node.findChild('Handler') as LambdaResource;
  const metric = new Metric({
    namespace: 'Shop',
    metricName: 'lag',
    statistic: 'p90',
    period: Duration.seconds(10),
  });
  const alarm = new Alarm(stack, 'Lag', {
    ...{ alarmName: 'lag', metric, threshold: 10, evaluationPeriods: 1 },
    comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
    treatMissingData: TreatMissingData.NOT_BREACHING,
  });
  const lost = new Queue(stack, 'Lost', { queueName: 'lost' });
  const abort = new StateMachine(stack, 'Abort', {
    stateMachineName: 'abort',
    definitionBody: DefinitionBody.fromChainable(new Pass(stack, 'Aborted')),
  });
  new Rule(stack, 'OnAlarm', {
    eventPattern: {
      source: ['aws.cloudwatch'],
      detailType: ['CloudWatch Alarm State Change'],
      resources: [alarm.alarmArn],
      detail: { state: { value: ['ALARM'] } },
    },
    targets: [
      new SfnStateMachine(abort, {
        deadLetterQueue: lost,
        input: RuleTargetInput.fromObject({ alarm: EventField.fromPath('$.detail.alarmName') }),
      }),
    ],
  });
  new Rule(stack, 'OnAbort', {
    eventPattern: {
      source: ['aws.states'],
      detail: { status: ['SUCCEEDED'], stateMachineArn: [abort.stateMachineArn] },
    },
    targets: [new LambdaFunction(handler, { event: RuleTargetInput.fromText('an abort has ended') })],
  });
  const broken = new Rule(stack, 'OnShop', {
    eventPattern: { source: ['shop'] },
    targets: [new SfnStateMachine(abort, { deadLetterQueue: lost, retryAttempts: 0 })],
  });
  // A path without a match inserts nothing, so the input is not JSON.
  (broken.node.defaultChild as CfnRule).addPropertyOverride('Targets.0.InputTransformer', {
    InputPathsMap: { why: '$.detail.why' },
    InputTemplate: '{"why": <why>}',
  });
}

describe('an application with alarms and rules', () => {
  beforeAll(() => start(app(withAlarm)));
  afterAll(() => engine.close());

  const aborts = async (): Promise<ExecutionListItem[]> => {
    const stateMachineArn = engine.outputs['MachineArn']!.replace('little-machine', 'abort');
    const { executions = [] } = await client(SFNClient, 'SFN').send(
      new ListExecutionsCommand({ stateMachineArn }),
    );
    return executions;
  };
  const inputs = async (): Promise<unknown[]> => {
    const stepFunctions = client(SFNClient, 'SFN');
    const described = (await aborts()).map(({ executionArn }) =>
      stepFunctions.send(new DescribeExecutionCommand({ executionArn })),
    );
    return (await Promise.all(described)).map(({ input }) => JSON.parse(input ?? '') as unknown);
  };

  test('a metric over its threshold starts a state machine, whose end invokes a function', async () => {
    await engine.lambda.invokeLambda('little-handler', { lag: [3, 70] });
    await until(async () => ((await aborts()).length > 0 ? true : undefined));
    expect(await inputs()).toEqual([{ alarm: 'lag' }]);
    const { AlarmHistoryItems: history } = await client(CloudWatchClient, 'CLOUDWATCH').send(
      new DescribeAlarmHistoryCommand({ AlarmName: 'lag', HistoryItemType: 'StateUpdate' }),
    );
    expect(history?.[0]?.HistorySummary).toMatch(/Alarm updated from .* to ALARM/);
    const log = join(stateDirectory, 'logs', 'little-handler.log');
    await until(() =>
      readFileSync(log, 'utf8').includes('RECEIVED "an abort has ended"') ? true : undefined,
    );
    expect(problems).toEqual([]);
  });

  test('Lambda and Step Functions record metrics', async () => {
    const sumOf = async (Namespace: string, MetricName: string, Name: string, Value: string) => {
      const { Datapoints = [] } = await client(CloudWatchClient, 'CLOUDWATCH').send(
        new GetMetricStatisticsCommand({
          ...{ Namespace, MetricName, Period: 60, Statistics: ['Sum'], Dimensions: [{ Name, Value }] },
          ...{ StartTime: new Date(Date.now() - 600_000), EndTime: new Date(Date.now() + 60_000) },
        }),
      );
      return Datapoints.reduce((sum, { Sum }) => sum + Sum!, 0);
    };
    const ofHandler = (name: string) => sumOf('AWS/Lambda', name, 'FunctionName', 'little-handler');
    // The second invocation logs its event before it ends.
    await until(async () => ((await ofHandler('Invocations')) >= 2 ? true : undefined));
    expect(await ofHandler('Invocations')).toBe(2);
    expect(await ofHandler('Errors')).toBe(0);
    const machine = engine.outputs['MachineArn']!.replace('little-machine', 'abort');
    expect(await sumOf('AWS/States', 'ExecutionsSucceeded', 'StateMachineArn', machine)).toBe(1);
  });

  test('SetAlarmState starts the state machine too', async () => {
    const before = (await aborts()).length;
    const cloudWatch = client(CloudWatchClient, 'CLOUDWATCH');
    for (const StateValue of ['OK', 'ALARM'] as const)
      await cloudWatch.send(
        new SetAlarmStateCommand({ AlarmName: 'lag', StateValue, StateReason: 'a drill' }),
      );
    await until(async () => ((await aborts()).length > before ? true : undefined));
  });

  test('a start that Step Functions throttles is retried', async () => {
    const before = (await aborts()).length;
    const starts = jest.spyOn(engine.stepFunctions, 'startExecution').mockImplementationOnce(() => {
      throw new ServiceError('ThrottlingException', 'Rate exceeded');
    });
    const cloudWatch = client(CloudWatchClient, 'CLOUDWATCH');
    for (const StateValue of ['OK', 'ALARM'] as const)
      await cloudWatch.send(
        new SetAlarmStateCommand({ AlarmName: 'lag', StateValue, StateReason: 'a drill' }),
      );
    await until(async () => ((await aborts()).length > before ? true : undefined));
    expect(starts).toHaveBeenCalledTimes(2);
    starts.mockRestore();
    expect(problems).toEqual([]);
  });

  test('an event whose input is not JSON goes to the dead-letter queue', async () => {
    const before = (await aborts()).length;
    const Entries = [{ Source: 'shop', DetailType: 'Order', Detail: '{}' }];
    await client(EventBridgeClient, 'EVENTBRIDGE').send(new PutEventsCommand({ Entries }));
    const queues = client(SQSClient, 'SQS');
    const { QueueUrl } = await queues.send(new GetQueueUrlCommand({ QueueName: 'lost' }));
    const request = { QueueUrl, WaitTimeSeconds: 5, MessageAttributeNames: ['ERROR_CODE'] };
    const { Messages } = await queues.send(new ReceiveMessageCommand(request));
    expect(Messages).toMatchObject([{ MessageAttributes: { ERROR_CODE: { StringValue: 'INVALID_JSON' } } }]);
    expect((await aborts()).length).toBe(before);
  });
});

test('unsupported alarms, patterns and targets stop the engine, in one error', async () => {
  const made = app((stack) => {
    withAlarm(stack);
    const alarm = stack.node.findChild('Lag').node.defaultChild as CfnAlarm;
    alarm.addPropertyOverride('AlarmActions', ['arn:aws:sns:eu-central-1:123456789012:ops']);
    const rule = stack.node.findChild('OnShop').node.defaultChild as CfnRule;
    rule.addPropertyOverride('EventPattern.detail', { address: [{ cidr: '10.0.0.0/8' }] });
    for (const child of stack.node.findAll()) {
      if (child.node.id.startsWith('AllowEventRule')) child.node.scope?.node.tryRemoveChild(child.node.id);
    }
  });
  const error = await start(made).catch((reason: Error) => reason);
  const message = String(error);
  expect(message).toMatch(/- Lag\w+ \(AWS::CloudWatch::Alarm\): AlarmActions names arn:aws:sns/);
  expect(message).toMatch(
    /- OnShop\w+ \(AWS::Events::Rule\): EventPattern.detail.address\[0\] has the operator cidr/,
  );
  expect(message).toMatch(
    /- OnAbort\w+ \(AWS::Events::Rule\): target Target0: no AWS::Lambda::Permission allows/,
  );
});

test('an event goes to the dead-letter queue if the role of its rule may not start the state machine', async () => {
  const made = app((stack) => {
    withAlarm(stack);
    const role = stack.node.findAll().find(({ node }) => node.path.endsWith('Abort/EventsRole'));
    role?.node.tryRemoveChild('DefaultPolicy');
    expect(role?.node.defaultChild as CfnRole).toBeDefined();
  });
  await start(made);
  try {
    const set = { AlarmName: 'lag', StateValue: 'ALARM', StateReason: 'a drill' } as const;
    await client(CloudWatchClient, 'CLOUDWATCH').send(new SetAlarmStateCommand(set));
    const queues = client(SQSClient, 'SQS');
    const { QueueUrl } = await queues.send(new GetQueueUrlCommand({ QueueName: 'lost' }));
    const request = { QueueUrl, WaitTimeSeconds: 5, MessageAttributeNames: ['All'] };
    const { Messages } = await queues.send(new ReceiveMessageCommand(request));
    expect(Messages).toMatchObject([
      { MessageAttributes: { ERROR_CODE: { StringValue: 'NO_PERMISSIONS' } } },
    ]);
    expect((await engine.access()).denied).toMatchObject([{ action: 'states:StartExecution' }]);
  } finally {
    await engine.close();
  }
});

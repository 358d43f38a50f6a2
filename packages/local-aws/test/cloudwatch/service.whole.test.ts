/** Calls the service with AWS's own client. The test advances the clock. */
import {
  CloudWatchClient,
  DeleteAlarmsCommand,
  DescribeAlarmHistoryCommand,
  DescribeAlarmsCommand,
  DescribeAnomalyDetectorsCommand,
  GetMetricDataCommand,
  GetMetricStatisticsCommand,
  ListMetricsCommand,
  PutMetricAlarmCommand,
  PutMetricDataCommand,
  SetAlarmStateCommand,
  type MetricDatum,
  type PutMetricAlarmCommandInput,
} from '@aws-sdk/client-cloudwatch';
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import {
  readAlarm,
  readComposite,
  startCloudWatch,
  type CloudWatch,
  type CloudWatchOptions,
  type ServiceEvent,
} from '../../src/cloudwatch';

const START_MS = Date.UTC(2026, 10, 20, 12);
const MINUTE_MS = 60_000;

let nowMs: number;
let service: CloudWatch;
let client: CloudWatchClient;
let events: ServiceEvent[];
let problems: string[];
let directory: string;
let logFile: string;

beforeEach(() => {
  nowMs = START_MS;
  [events, problems] = [[], []];
  directory = mkdtempSync(join(tmpdir(), 'local-aws-cloudwatch-'));
  logFile = join(directory, 'copier.log');
});
afterEach(async () => {
  client.destroy();
  await service.close();
  rmSync(directory, { recursive: true });
});

async function start(options: Partial<CloudWatchOptions> = {}): Promise<void> {
  service = await startCloudWatch({
    region: 'eu-central-1',
    account: '123456789012',
    logs: [{ logGroup: '/aws/lambda/copier', file: logFile }],
    alarms: [],
    composites: [],
    onEvent: (event) => events.push(event),
    onProblem: (problem) => problems.push(problem),
    nowMs: () => nowMs,
    ...options,
  });
  client = new CloudWatchClient({
    endpoint: service.url,
    region: 'eu-central-1',
    credentials: { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'secret' },
    maxAttempts: 1,
  });
}

const LAG: PutMetricAlarmCommandInput = {
  AlarmName: 'lag',
  AlarmDescription: 'Changes wait too long',
  ...{ Namespace: 'Shop', MetricName: 'lag', Dimensions: [{ Name: 'table', Value: 'orders' }] },
  ...{ Statistic: 'Maximum', Period: 60, EvaluationPeriods: 3, DatapointsToAlarm: 2 },
  ...{ Threshold: 10, ComparisonOperator: 'GreaterThanThreshold' },
};

const put = (...MetricData: readonly Partial<MetricDatum>[]) =>
  client.send(
    new PutMetricDataCommand({
      Namespace: 'Shop',
      MetricData: MetricData.map((datum) => ({
        ...{ MetricName: 'lag', Dimensions: LAG.Dimensions, Timestamp: new Date(nowMs) },
        ...datum,
      })),
    }),
  );

function pass(ms: number): void {
  nowMs += ms;
  service.advance();
}

const stateOf = async (name: string): Promise<string | undefined> =>
  (await client.send(new DescribeAlarmsCommand({ AlarmNames: [name] }))).MetricAlarms?.[0]?.StateValue;

test('metrics are read by period, with percentiles and expressions, also from a compressed request', async () => {
  await start();
  await put(...Array.from({ length: 100 }, (_, index) => ({ Value: index + 1, Unit: 'Seconds' as const })));
  await put({ Values: [7, 8], Counts: [3, 1], Timestamp: new Date(START_MS + 61_000), Unit: 'Seconds' });
  const metric = { Namespace: 'Shop', MetricName: 'lag', Dimensions: LAG.Dimensions };
  const { MetricDataResults: results } = await client.send(
    new GetMetricDataCommand({
      StartTime: new Date(START_MS),
      EndTime: new Date(START_MS + 5 * MINUTE_MS),
      ScanBy: 'TimestampAscending',
      MetricDataQueries: [
        { Id: 'p', MetricStat: { Metric: metric, Period: 60, Stat: 'p95' } },
        { Id: 'n', MetricStat: { Metric: metric, Period: 60, Stat: 'SampleCount' }, ReturnData: false },
        { Id: 'share', Expression: 'p / n' },
      ],
    }),
  );
  const times = [START_MS, START_MS + MINUTE_MS].map((atMs) => new Date(atMs));
  expect(results).toMatchObject([
    { Id: 'p', Timestamps: times, Values: [95, 8], StatusCode: 'Complete' },
    { Id: 'share', Timestamps: times, Values: [0.95, 2] },
  ]);
  const { Datapoints } = await client.send(
    new GetMetricStatisticsCommand({
      ...metric,
      ...{ StartTime: new Date(START_MS), EndTime: new Date(START_MS + MINUTE_MS), Period: 60 },
      ...{ Statistics: ['Sum', 'Average'], ExtendedStatistics: ['p50'] },
    }),
  );
  expect(Datapoints).toEqual([
    { Timestamp: times[0], Unit: 'Seconds', Sum: 5050, Average: 50.5, ExtendedStatistics: { p50: 50 } },
  ]);
  expect((await client.send(new ListMetricsCommand({ Namespace: 'Shop' }))).Metrics).toEqual([metric]);
});

test('periods under a minute contain only samples of high resolution', async () => {
  await start();
  await put({ Value: 1, StorageResolution: 1, Timestamp: new Date(START_MS + 11_000) });
  await put({ Value: 2, Timestamp: new Date(START_MS + 12_000) });
  const sum = async (Period: number): Promise<unknown> => {
    const { Datapoints } = await client.send(
      new GetMetricStatisticsCommand({
        ...{ Namespace: 'Shop', MetricName: 'lag', Dimensions: LAG.Dimensions, Period, Statistics: ['Sum'] },
        ...{ StartTime: new Date(START_MS), EndTime: new Date(START_MS + MINUTE_MS) },
      }),
    );
    return Datapoints?.map(({ Timestamp, Sum }) => [Number(Timestamp) - START_MS, Sum]);
  };
  expect(await sum(10)).toEqual([[10_000, 1]]);
  expect(await sum(60)).toEqual([[0, 3]]);
});

test('an alarm changes from INSUFFICIENT_DATA to OK to ALARM, and publishes each change as an event', async () => {
  await start({ alarms: [readAlarm(LAG)] });
  expect(await stateOf('lag')).toBe('INSUFFICIENT_DATA');
  for (const value of [1, 2, 3]) {
    await put({ Value: value });
    pass(MINUTE_MS);
  }
  expect(await stateOf('lag')).toBe('OK');
  for (const value of [11, 12]) {
    await put({ Value: value });
    pass(MINUTE_MS);
  }
  const { MetricAlarms } = await client.send(new DescribeAlarmsCommand({ StateValue: 'ALARM' }));
  expect(MetricAlarms).toMatchObject([
    {
      AlarmName: 'lag',
      AlarmArn: 'arn:aws:cloudwatch:eu-central-1:123456789012:alarm:lag',
      StateUpdatedTimestamp: new Date(START_MS + 5 * MINUTE_MS),
      StateReason:
        'Threshold Crossed: 2 out of the last 3 datapoints [12.0 (20/11/26 12:04:00), 11.0 (20/11/26 12:03:00)] ' +
        'were greater than the threshold (10.0) (minimum 2 datapoints for OK -> ALARM transition).',
    },
  ]);
  const changes = events.filter(({ detailType }) => detailType === 'CloudWatch Alarm State Change');
  expect(changes).toMatchObject([
    { detail: { previousState: { value: 'INSUFFICIENT_DATA' }, state: { value: 'OK' } } },
    {
      source: 'aws.cloudwatch',
      resources: ['arn:aws:cloudwatch:eu-central-1:123456789012:alarm:lag'],
      detail: {
        alarmName: 'lag',
        state: { value: 'ALARM', timestamp: '2026-11-20T12:05:00.000+0000' },
        previousState: { value: 'OK' },
        configuration: {
          description: 'Changes wait too long',
          metrics: [
            {
              metricStat: {
                metric: { namespace: 'Shop', name: 'lag', dimensions: { table: 'orders' } },
                period: 60,
                stat: 'Maximum',
              },
              returnData: true,
            },
          ],
        },
      },
    },
  ]);
  const { AlarmHistoryItems: history } = await client.send(
    new DescribeAlarmHistoryCommand({ AlarmName: 'lag', HistoryItemType: 'StateUpdate' }),
  );
  expect(history?.map(({ HistorySummary }) => HistorySummary)).toEqual([
    'Alarm updated from OK to ALARM',
    'Alarm updated from INSUFFICIENT_DATA to OK',
  ]);
});

test('a delayed metric is missing at first', async () => {
  const alarm = readAlarm({ ...LAG, DatapointsToAlarm: 3, TreatMissingData: 'breaching' });
  await start({ alarms: [alarm], metricDelayMs: () => 90_000 });
  await put({ Value: 1 });
  pass(MINUTE_MS);
  expect(await stateOf('lag')).toBe('ALARM');
  pass(MINUTE_MS);
  expect(await stateOf('lag')).toBe('OK');
});

test('SetAlarmState lasts until the next evaluation; a composite alarm follows its children', async () => {
  const composite = readComposite({ AlarmName: 'any', AlarmRule: 'ALARM("lag") OR NOT OK(lag) AND FALSE' });
  await start({ alarms: [readAlarm({ ...LAG, TreatMissingData: 'notBreaching' })], composites: [composite] });
  pass(MINUTE_MS);
  const set = { AlarmName: 'lag', StateValue: 'ALARM', StateReason: 'a drill' } as const;
  await client.send(new SetAlarmStateCommand(set));
  expect([service.stateOf('lag'), service.stateOf('any')]).toEqual(['ALARM', 'ALARM']);
  // DescribeAlarms returns composite alarms only on request.
  expect((await client.send(new DescribeAlarmsCommand({}))).CompositeAlarms).toEqual([]);
  const described = await client.send(new DescribeAlarmsCommand({ AlarmTypes: ['CompositeAlarm'] }));
  expect(described.CompositeAlarms).toMatchObject([{ AlarmName: 'any', StateValue: 'ALARM' }]);
  pass(MINUTE_MS);
  expect([service.stateOf('lag'), service.stateOf('any')]).toEqual(['OK', 'OK']);
});

test('metrics are read from log lines; an invalid line is dropped, counted and reported', async () => {
  await start();
  const emf = (rows: unknown): string =>
    JSON.stringify({
      _aws: {
        Timestamp: nowMs,
        CloudWatchMetrics: [
          { Namespace: 'Shop', Dimensions: [[]], Metrics: [{ Name: 'rows', Unit: 'Count' }] },
        ],
      },
      rows,
    });
  appendFileSync(logFile, `START RequestId: 1\n${emf(5)}\n${emf('many')}\n${emf(6).slice(0, 30)}`);
  service.advance();
  appendFileSync(logFile, `${emf(6).slice(30)}\n`);
  const sumOf = async (Namespace: string, MetricName: string, dimension?: string) => {
    const { Datapoints } = await client.send(
      new GetMetricStatisticsCommand({
        ...{ Namespace, MetricName, Period: 60, Statistics: ['Sum'] },
        ...{ StartTime: new Date(nowMs), EndTime: new Date(nowMs + MINUTE_MS) },
        Dimensions: dimension === undefined ? [] : [{ Name: 'LogGroupName', Value: dimension }],
      }),
    );
    return Datapoints?.map(({ Sum }) => Sum);
  };
  expect(await sumOf('Shop', 'rows')).toEqual([11]);
  expect(await sumOf('AWS/Logs', 'EMFValidationErrors', '/aws/lambda/copier')).toEqual([1]);
  expect(problems).toEqual([
    'CloudWatch drops metrics of /aws/lambda/copier: rows has the value "many", which is not a number within ±2^360',
  ]);
});

test('values over a limit and unknown or unsupported members are refused by name', async () => {
  await start();
  const refused = (sent: Promise<unknown>, name: string, message: string) =>
    expect(sent).rejects.toMatchObject({ name, message: expect.stringContaining(message) as unknown });
  const invalid = 'InvalidParameterValueException';
  const alarm = (changes: Partial<PutMetricAlarmCommandInput>) =>
    client.send(new PutMetricAlarmCommand({ ...LAG, ...changes }));
  await refused(
    put({ Values: Array.from({ length: 151 }, (_, index) => index), Timestamp: undefined }),
    invalid,
    'the limit is 150',
  );
  await refused(put({ Value: 1, Timestamp: new Date(nowMs - 15 * 86_400_000) }), invalid, 'two weeks');
  await refused(
    put(...Array.from({ length: 1001 }, () => ({ Value: 1 }))),
    invalid,
    '1001 items; the limit is 1000',
  );
  await refused(alarm({ AlarmActions: ['arn:aws:sns:eu-central-1:1:ops'] }), invalid, 'arn:aws:sns');
  await refused(alarm({ Statistic: undefined, ExtendedStatistic: 'tm90' }), invalid, 'the statistic tm90');
  await refused(alarm({ Period: 45 }), invalid, 'the period 45 s');
  await refused(
    alarm({ EvaluationPeriods: 2000, DatapointsToAlarm: 1 }),
    invalid,
    'limit for this period is 1 day',
  );
  await refused(alarm({ DatapointsToAlarm: 4 }), invalid, 'DatapointsToAlarm 4');
  await refused(alarm({ ThresholdMetricId: 'x' }), invalid, 'ThresholdMetricId is not supported');
  await refused(client.send(new DeleteAlarmsCommand({ AlarmNames: ['none'] })), 'ResourceNotFound', 'none');
  await refused(
    client.send(new DescribeAnomalyDetectorsCommand({})),
    'UnknownOperationException',
    'GraniteServiceVersion20100801.DescribeAnomalyDetectors is not supported',
  );
});

/** Limits of metrics and alarms, checked with AWS's own client. */
import {
  CloudWatchClient,
  GetMetricDataCommand,
  GetMetricStatisticsCommand,
  PutMetricAlarmCommand,
  PutMetricDataCommand,
  SetAlarmStateCommand,
  type Dimension,
  type MetricDataQuery,
  type PutMetricAlarmCommandInput,
} from '@aws-sdk/client-cloudwatch';
import { gzipSync } from 'node:zlib';

import { readComposite, startCloudWatch, type CloudWatch, type CompositeConfig } from '../../src/cloudwatch';

const NOW_MS = Date.UTC(2026, 10, 20, 12);
const MINUTE_MS = 60_000;
const INVALID = 'InvalidParameterValueException';

let service: CloudWatch;
let client: CloudWatchClient;
const start = (composites: readonly CompositeConfig[] = []) =>
  startCloudWatch({
    ...{ region: 'eu-central-1', account: '123456789012', logs: [], alarms: [], composites },
    ...{ onEvent: () => undefined, onProblem: () => undefined, nowMs: () => NOW_MS },
  });
beforeAll(async () => {
  service = await start();
  client = new CloudWatchClient({
    endpoint: service.url,
    region: 'eu-central-1',
    credentials: { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'secret' },
    maxAttempts: 1,
  });
});
afterAll(async () => {
  client.destroy();
  await service.close();
});

const outcomeOf = (sent: Promise<unknown>): Promise<string> =>
  sent.then(
    () => 'done',
    (error: Error) => `${error.name}: ${error.message}`,
  );
const times = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index));
const dimensions = (count: number): Dimension[] =>
  times(count, (index) => ({ Name: `d${index}`, Value: 'x' }));
const put = (datum: object) =>
  outcomeOf(
    client.send(
      new PutMetricDataCommand({
        Namespace: 'Shop',
        MetricData: [{ MetricName: 'lag', Value: 1, ...datum }],
      }),
    ),
  );
const ALARM: PutMetricAlarmCommandInput = {
  ...{ AlarmName: 'lag', Namespace: 'Shop', MetricName: 'lag', Statistic: 'Maximum', Period: 60 },
  ...{ EvaluationPeriods: 1, Threshold: 10, ComparisonOperator: 'GreaterThanThreshold' },
};
const alarm = (changes: Partial<PutMetricAlarmCommandInput>) =>
  outcomeOf(client.send(new PutMetricAlarmCommand({ ...ALARM, ...changes })));

test('a request of PutMetricData has at most 1 MB after decompression', async () => {
  const send = async (bytes: number, compressed: boolean): Promise<number> => {
    const data = { Namespace: 'Shop', MetricData: [{ MetricName: 'lag', Value: 1 }] };
    const body = Buffer.from(JSON.stringify(data).padEnd(bytes));
    const response = await fetch(service.url, {
      method: 'POST',
      body: compressed ? gzipSync(body) : body,
      headers: {
        'content-type': 'application/x-amz-json-1.0',
        'x-amz-target': 'GraniteServiceVersion20100801.PutMetricData',
        ...(compressed ? { 'content-encoding': 'gzip' } : {}),
      },
    });
    await response.text();
    return response.status;
  };
  const MB = 1024 * 1024;
  expect([await send(MB, false), await send(MB, true)]).toEqual([200, 200]);
  expect([await send(MB + 1, false), await send(MB + 1, true)]).toEqual([413, 413]);
  const MetricData = times(1_000, (index) => ({
    ...{ MetricName: 'lag', Value: 1 },
    Dimensions: [{ Name: 'd', Value: `${index} ${'x'.repeat(1_000)}` }],
  }));
  const large = client.send(new PutMetricDataCommand({ Namespace: 'Shop', MetricData }));
  await expect(large).rejects.toMatchObject({ $metadata: { httpStatusCode: 413 } });
});

test('a request of PutMetricData has at most 1,000 metrics of 150 values', async () => {
  const metrics = (count: number) =>
    outcomeOf(
      client.send(
        new PutMetricDataCommand({
          Namespace: 'Shop',
          MetricData: times(count, () => ({ MetricName: 'lag', Value: 1 })),
        }),
      ),
    );
  expect(await metrics(1_000)).toBe('done');
  expect(await metrics(1_001)).toContain(`${INVALID}: MetricData has 1001 items; the limit is 1000`);
  const values = (count: number) => put({ Value: undefined, Values: times(count, Number) });
  expect(await values(150)).toBe('done');
  expect(await values(151)).toContain(`${INVALID}: lag has 151 values; the limit is 150`);
  expect(
    await outcomeOf(
      client.send(
        new PutMetricDataCommand({ Namespace: 'AWS/Shop', MetricData: [{ MetricName: 'lag', Value: 1 }] }),
      ),
    ),
  ).toContain('the namespace AWS/Shop is reserved');
});

test('a timestamp is at most two weeks in the past or two hours in the future', async () => {
  const at = (seconds: number) => put({ Timestamp: new Date(NOW_MS + seconds * 1_000) });
  const [past, ahead] = [-14 * 86_400, 2 * 3_600];
  expect([await at(past), await at(ahead)]).toEqual(['done', 'done']);
  expect(await at(past - 1)).toMatch(/^Invalid.*more than two weeks in the past/);
  expect(await at(ahead + 1)).toMatch(/^Invalid.*more than two hours in the future/);
});

test('seconds are available for three hours, and minutes after that', async () => {
  const oldMs = NOW_MS - 3 * 3_600_000;
  const metric = { Namespace: 'Shop', MetricName: 'fine' };
  const points = [-10_000, 10_000].map((ms) => ({
    ...{ MetricName: metric.MetricName, Value: 1, StorageResolution: 1, Timestamp: new Date(oldMs + ms) },
  }));
  await client.send(new PutMetricDataCommand({ Namespace: metric.Namespace, MetricData: points }));
  const starts = async (Period: number) => {
    const { Datapoints } = await client.send(
      new GetMetricStatisticsCommand({
        ...{ ...metric, Period, Statistics: ['Sum'] },
        ...{ StartTime: new Date(oldMs - MINUTE_MS), EndTime: new Date(oldMs + MINUTE_MS) },
      }),
    );
    return Datapoints?.map(({ Timestamp }) => Number(Timestamp) - oldMs);
  };
  expect([await starts(10), await starts(60)]).toEqual([[10_000], [-60_000, 0]]);
});

test('values are within ±2^360', async () => {
  const [most, more] = [2 ** 360, 2 ** 360 * (1 + Number.EPSILON)];
  expect([await put({ Value: most }), await put({ Value: -most })]).toEqual(['done', 'done']);
  for (const value of [more, -more]) {
    expect(await put({ Value: value })).toMatch(new RegExp(`^${INVALID}: .*not a number within ±2\\^360`));
    expect(await put({ Value: undefined, Values: [1, value] })).toContain(INVALID);
    const StatisticValues = { SampleCount: 1, Sum: value, Minimum: 0, Maximum: 0 };
    expect(await put({ Value: undefined, StatisticValues })).toContain(INVALID);
  }
});

test('a metric has at most 30 unique dimensions in every operation', async () => {
  const query = (Dimensions: Dimension[]) =>
    outcomeOf(
      client.send(
        new GetMetricDataCommand({
          ...{ StartTime: new Date(NOW_MS - MINUTE_MS), EndTime: new Date(NOW_MS) },
          MetricDataQueries: [
            {
              Id: 'm',
              MetricStat: {
                ...{ Metric: { Namespace: 'Shop', MetricName: 'lag', Dimensions }, Period: 60, Stat: 'Sum' },
              },
            },
          ],
        }),
      ),
    );
  const statistics = (Dimensions: Dimension[]) =>
    outcomeOf(
      client.send(
        new GetMetricStatisticsCommand({
          ...{ Namespace: 'Shop', MetricName: 'lag', Dimensions, Period: 60, Statistics: ['Sum'] },
          ...{ StartTime: new Date(NOW_MS - MINUTE_MS), EndTime: new Date(NOW_MS) },
        }),
      ),
    );
  const requests = [(Dimensions: Dimension[]) => put({ Dimensions }), query, statistics];
  for (const request of [...requests, (Dimensions: Dimension[]) => alarm({ Dimensions })]) {
    expect(await request(dimensions(30))).toBe('done');
    expect(await request(dimensions(31))).toMatch(/^Invalid.*has 31 items; the limit is 30/);
    const twice = [...dimensions(1), ...dimensions(1)];
    expect(await request(twice)).toMatch(/^Invalid.*has the dimension "d0" twice/);
    expect(await request([{ Name: 'x'.repeat(256), Value: 'x' }])).toMatch(/^Invalid.*256 characters/);
    expect(await request([{ Name: 'x', Value: 'x'.repeat(1_025) }])).toMatch(/^Invalid.*1025 characters/);
  }
});

const getData = (MetricDataQueries: MetricDataQuery[], minutes: number, MaxDatapoints?: number) =>
  outcomeOf(
    client.send(
      new GetMetricDataCommand({
        ...{ StartTime: new Date(NOW_MS - minutes * MINUTE_MS), EndTime: new Date(NOW_MS) },
        ...{ MetricDataQueries, MaxDatapoints },
      }),
    ),
  );
const queryOf = (Id: string): MetricDataQuery => ({
  Id,
  MetricStat: { Metric: { Namespace: 'Shop', MetricName: 'lag' }, Period: 60, Stat: 'Sum' },
});

test('a call of GetMetricData has at most 500 queries', async () => {
  const queries = (count: number) => times(count, (index) => queryOf(`m${index}`));
  expect(await getData(queries(500), 1)).toBe('done');
  expect(await getData(queries(501), 1)).toBe(
    `${INVALID}: MetricDataQueries has 501 items; the limit is 500`,
  );
});

test('a call of GetMetricData returns at most 100,800 points or MaxDatapoints; more are refused', async () => {
  const everyMinute = [
    { ...queryOf('m'), ReturnData: false },
    { Id: 'filled', Expression: 'FILL(m, 0)' },
  ];
  expect(await getData(everyMinute, 100_800)).toBe('done');
  expect(await getData(everyMinute, 100_801)).toMatch(
    /^Invalid.*: 100801 data points, over the limit of 100800/,
  );
  expect(await getData(everyMinute, 100_801, 200_000)).toMatch(/^Invalid.*: 100801 data points/);
  expect([await getData(everyMinute, 10, 10), await getData(everyMinute, 11, 10)]).toEqual([
    'done',
    expect.stringMatching(/^Invalid.*: 11 data points, over the limit of 10\./),
  ]);
});

test.each<[string, Partial<PutMetricAlarmCommandInput>, Partial<PutMetricAlarmCommandInput>]>([
  ['AlarmName', { AlarmName: 'x'.repeat(255) }, { AlarmName: 'x'.repeat(256) }],
  ['AlarmName', { AlarmName: 'Größe' }, { AlarmName: '' }],
  ['AlarmName', {}, { AlarmName: 'a\nb' }],
  ['AlarmDescription', { AlarmDescription: 'x'.repeat(1_024) }, { AlarmDescription: 'x'.repeat(1_025) }],
  ['metric name', { MetricName: 'x'.repeat(255) }, { MetricName: 'x'.repeat(256) }],
  ['namespace', { Namespace: 'x'.repeat(255) }, { Namespace: 'x'.repeat(256) }],
  ['namespace', { Namespace: 'AWS/Lambda' }, { Namespace: ':x' }],
  [
    'Tags',
    { Tags: times(50, (index) => ({ Key: `${index}`, Value: '' })) },
    { Tags: times(51, (index) => ({ Key: `${index}`, Value: '' })) },
  ],
  [
    'Tags[0].Key',
    { Tags: [{ Key: 'x'.repeat(128), Value: 'x'.repeat(256) }] },
    { Tags: [{ Key: 'x'.repeat(129), Value: '' }] },
  ],
  ['Tags[0].Value', {}, { Tags: [{ Key: 'x', Value: 'x'.repeat(257) }] }],
])('%s of an alarm is limited', async (name, longest, tooLong) => {
  expect(await alarm(longest)).toBe('done');
  const refused = await alarm(tooLong);
  expect(refused).toMatch(new RegExp(`^${INVALID}: `));
  expect(refused).toContain(name);
});

test('the evaluation range of an alarm is at most a day, or seven days with periods of an hour', async () => {
  const range = (Period: number, EvaluationPeriods: number) => alarm({ Period, EvaluationPeriods });
  expect([await range(60, 1_440), await range(10, 8_640), await range(3_600, 168)]).toEqual(
    times(3, () => 'done'),
  );
  expect(await range(60, 1_441)).toContain('86460 s, the limit for this period is 1 day(s)');
  expect(await range(3_540, 25)).toContain('the limit for this period is 1 day(s)');
  expect(await range(3_600, 169)).toContain('608400 s, the limit for this period is 7 day(s)');
  expect(await range(5, 1)).toContain('the period 5 s is neither 10, 20, 30 nor a multiple of 60');
  expect([await range(20, 1), await range(30, 1)]).toEqual(['done', 'done']);
});

test('an alarm has at most 10 metrics and 10 expressions', async () => {
  const { AlarmName, EvaluationPeriods, Threshold, ComparisonOperator } = ALARM;
  const math = (metrics: number, expressions: number, expression?: string) => {
    const ids = times(metrics, (index) => `m${index}`);
    return outcomeOf(
      client.send(
        new PutMetricAlarmCommand({
          ...{ AlarmName, EvaluationPeriods, Threshold, ComparisonOperator },
          Metrics: [
            ...ids.map((id) => ({ ...queryOf(id), ReturnData: false })),
            ...times(expressions, (index) => ({
              ...{ Id: `e${index}`, ReturnData: index === 0 },
              Expression: expression ?? `SUM([${ids.join(', ')}])`,
            })),
          ],
        }),
      ),
    );
  };
  expect(await math(10, 10)).toBe('done');
  expect(await math(11, 1)).toContain(`${INVALID}: Metrics retrieves 11 metrics; the limit is 10`);
  expect(await math(1, 11)).toContain('Metrics has 11 expressions; the limit is 10');
  const long = `m0${' '.repeat(2_046)}`;
  expect(await math(1, 1, long)).toBe('done');
  expect(await math(1, 1, `${long} `)).toContain('Expression has 2049 characters; the limit is 1 to 2048');
});

test('the reason of a state has at most 1,023 characters, its data 4,000', async () => {
  expect(await alarm({})).toBe('done');
  const set = (StateReason: string, StateReasonData = '{}') =>
    outcomeOf(
      client.send(
        new SetAlarmStateCommand({ AlarmName: 'lag', StateValue: 'OK', StateReason, StateReasonData }),
      ),
    );
  expect(await set('x'.repeat(1_023), '{}'.padEnd(4_000))).toBe('done');
  expect(await set('x'.repeat(1_024))).toContain(`${INVALID}: StateReason has 1024 characters`);
  expect(await set('x', '{}'.padEnd(4_001))).toContain(`${INVALID}: StateReasonData has 4001 characters`);
});

test('an alarm is in at most 150 composite alarms', async () => {
  const base = readComposite({ AlarmName: 'base', AlarmRule: 'TRUE' });
  const parents = (count: number) =>
    times(count, (index) => readComposite({ AlarmName: `p${index}`, AlarmRule: 'ALARM(base)' }));
  const full = await start([base, ...parents(150)]);
  expect(full.stateOf('p149')).toBe('ALARM');
  await full.close();
  await expect(start([base, ...parents(151)])).rejects.toThrow(
    'the rule of p150 names base, which is already in 150 composite alarms',
  );
});

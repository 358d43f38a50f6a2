/** The embedded metric format: the metrics of a line, and the limits above which CloudWatch drops the line. */
import { readEmf } from '../../src/cloudwatch/emf';

const NOW_MS = Date.UTC(2026, 10, 20, 12);

interface Parts {
  readonly Timestamp?: unknown;
  readonly Namespace?: string;
  readonly Dimensions?: unknown;
  readonly Metrics?: readonly object[];
}

function line(parts: Parts = {}, members: object = { rows: 3, table: 'orders' }): string {
  const { Timestamp = NOW_MS, Namespace = 'Shop', Dimensions = [['table']] } = parts;
  const { Metrics = [{ Name: 'rows', Unit: 'Count' }] } = parts;
  return JSON.stringify({
    _aws: { Timestamp, CloudWatchMetrics: [{ Namespace, Dimensions, Metrics }] },
    ...members,
  });
}

const read = (text: string) => readEmf(text, NOW_MS);
const times = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, i) => make(i));

test('each dimension set is a separate metric with all values', () => {
  const parts = { Dimensions: [[], ['table']], Metrics: [{ Name: 'rows', StorageResolution: 1 }] };
  const common = {
    atMs: NOW_MS,
    unit: 'None',
    resolutionSeconds: 1,
    values: [
      { value: 3, count: 1 },
      { value: 4, count: 1 },
    ],
  };
  expect(read(line(parts, { rows: [3, 4], table: 'orders', row: 'not a metric' }))).toEqual({
    samples: [
      { ...common, metric: { namespace: 'Shop', name: 'rows', dimensions: {} } },
      { ...common, metric: { namespace: 'Shop', name: 'rows', dimensions: { table: 'orders' } } },
    ],
  });
});

test('other lines contain no metrics', () => {
  for (const text of ['START RequestId', '{"message":"hello"}', '{"message":"_aws CloudWatchMetrics"}']) {
    expect(read(text)).toBeUndefined();
  }
});

test('a line exactly at the limits is accepted', () => {
  const names = times(30, (index) => `d${index}`);
  const dimensions = Object.fromEntries(names.map((name) => [name, 'v'.repeat(1024)]));
  expect(read(line({ Dimensions: [names] }, { rows: times(100, Number), ...dimensions }))).toHaveProperty(
    'samples',
  );
  const metrics = times(100, (index) => ({ Name: `m${index}` }));
  const values = Object.fromEntries(metrics.map(({ Name }) => [Name, 1]));
  expect(read(line({ Metrics: metrics }, { ...values, table: 'orders' }))).toHaveProperty(
    'samples.length',
    100,
  );
});

test.each<[string, string, string]>([
  [
    '101 metrics in one directive',
    line({ Metrics: times(101, () => ({ Name: 'rows' })) }),
    'the limit is 100',
  ],
  ['101 values', line({}, { rows: times(101, Number), table: 'orders' }), 'rows has 101 values'],
  [
    '31 dimensions',
    line(
      { Dimensions: [times(31, (i) => `d${i}`)] },
      { rows: 1, ...Object.fromEntries(times(31, (i) => [`d${i}`, 'x'])) },
    ),
    '31 dimensions',
  ],
  [
    'a dimension value of 1,025 characters',
    line({}, { rows: 1, table: 'x'.repeat(1025) }),
    '1025 characters',
  ],
  [
    'a dimension name of 251 characters',
    line({ Dimensions: [['n'.repeat(251)]] }, { rows: 1, ['n'.repeat(251)]: 'x' }),
    '251 characters',
  ],
  ['a dimension that is not at the root', line({}, { rows: 1 }), 'the dimension table must be a string'],
  ['a dimension that is a number', line({}, { rows: 1, table: 7 }), 'the dimension table must be a string'],
  ['a metric that is not at the root', line({}, { table: 'orders' }), 'rows has the value'],
  ['a metric that is text', line({}, { rows: '3', table: 'orders' }), 'rows has the value "3"'],
  ['an unknown unit', line({ Metrics: [{ Name: 'rows', Unit: 'Rows' }] }), 'unknown unit "Rows"'],
  ['a resolution of 30 s', line({ Metrics: [{ Name: 'rows', StorageResolution: 30 }] }), 'neither 1 nor 60'],
  ['a namespace of AWS', line({ Namespace: 'AWS/Lambda' }), 'is reserved'],
  [
    'a timestamp in seconds',
    line({ Timestamp: Math.floor(NOW_MS / 1000) }),
    'more than two weeks in the past',
  ],
  ['a timestamp three hours ahead', line({ Timestamp: NOW_MS + 3 * 3_600_000 }), 'two hours in the future'],
  ['no dimension set at all', line({ Dimensions: [] }), 'at least one set'],
  [
    'more than 1 MB',
    line({}, { rows: 1, table: 'orders', note: 'x'.repeat(1024 * 1024) }),
    'the limit is 1048576',
  ],
])('a line with %s is dropped completely', (_what, text, problem) => {
  expect(read(text)).toEqual({
    failure: 'EMFValidationErrors',
    problems: expect.arrayContaining([expect.stringContaining(problem)]) as unknown,
  });
});

test('a metric after other text is reported as a parsing error', () => {
  expect(read(`2026-11-20T12:00:00Z INFO ${line()}`)).toMatchObject({ failure: 'EMFParsingErrors' });
});

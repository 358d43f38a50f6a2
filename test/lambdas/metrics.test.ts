/** Metrics leave a handler as log lines in the embedded metric format, under the names of the contract. */
import type { Context } from 'aws-lambda';
import type * as handlers from '../../lambdas/handler';

const CONTEXT = { getRemainingTimeInMillis: () => 1_000 } as Context;
const CHUNK = {
  migration: 'orders',
  generation: 1,
  direction: 'forward',
  table: 'shop.a',
  chunk: 0,
} as const;
const METRIC_LINE = {
  service: 'sluice',
  migration: 'orders',
  _aws: {
    CloudWatchMetrics: [{ Namespace: 'Sluice', Dimensions: [['service', 'migration']] }],
  },
};

jest.mock('../../src/adapters/open-world', () => ({
  openWorld: async () => ({ ends: { source: { side: 'source' }, target: { side: 'target' } } }),
}));

let { handler } = {} as typeof handlers;
let lines: unknown[] = [];

beforeAll(async () => {
  Object.assign(process.env, {
    ...{ SLUICE_ENVIRONMENT: 'dev', SLUICE_CONTROL_TABLE: 'sluice-dev-control', LAMBDA_TASK_ROOT: '.' },
    // Powertools reads these variables when the module is loaded.
    ...{ POWERTOOLS_LOG_LEVEL: 'SILENT', POWERTOOLS_DEV: 'true', POWERTOOLS_METRICS_DISABLED: 'false' },
  });
  ({ handler } = await import('../../lambdas/handler'));
  jest.spyOn(console, 'log').mockImplementation((line: string) => lines.push(JSON.parse(line)));
  jest.spyOn(console, 'warn').mockReturnValue();
});

beforeEach(() => {
  lines = [];
});

test('measurements are published together when the invocation ends', async () => {
  const copyChunk = handler('copyChunk', async (item, { measure }) => {
    measure({ rowsCopied: 12, bytesCopied: 3_400, rowsRefused: 1 });
    expect(lines).toEqual([]);
    return { ...item, verdict: 'done' };
  });
  await copyChunk(CHUNK, CONTEXT);
  expect(lines).toMatchObject([{ ...METRIC_LINE, RowsCopied: 12, BytesCopied: 3_400, RowsRefused: 1 }]);
});

test('a long invocation publishes measurements immediately, each with its unit', async () => {
  const copyChunk = handler('copyChunk', async (item, { publish }) => {
    publish({ syncLag: 250, pendingKeys: 3 });
    expect(lines).toMatchObject([{ ...METRIC_LINE, SyncLag: 250, PendingKeys: 3 }]);
    return { ...item, verdict: 'done' };
  });
  await copyChunk(CHUNK, CONTEXT);
  const [line] = lines as { _aws: { CloudWatchMetrics: { Metrics: unknown[] }[] } }[];
  expect(line!._aws.CloudWatchMetrics[0]!.Metrics).toEqual([
    { Name: 'SyncLag', Unit: 'Milliseconds' },
    { Name: 'PendingKeys', Unit: 'Count' },
  ]);
});

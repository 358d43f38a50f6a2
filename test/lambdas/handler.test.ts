/** Handlers of stages and gates pass the run on. No client connects here. */
import type { Context } from 'aws-lambda';
import type * as handlers from '../../lambdas/handler';
import { StatementRefused } from '../../src/adapters/postgres/statement-refused';
import { gateEvents } from '../../src/contract/lifecycle/events';
import type { Run } from '../../src/contract/payloads';

const RUN: Run = {
  migration: 'orders',
  generation: 3,
  execution: 'arn:of:the:execution',
  shape: 'offline',
  direction: 'forward',
  events: 100,
};
const CONTEXT = { getRemainingTimeInMillis: () => 1_000 } as Context;

jest.mock('../../src/adapters/open-world', () => ({
  openWorld: async () => ({ ends: { source: { side: 'source' }, target: { side: 'target' } } }),
}));

let { gateHandler, stageHandler } = {} as typeof handlers;

beforeAll(async () => {
  Object.assign(process.env, {
    ...{ SLUICE_ENVIRONMENT: 'dev', SLUICE_CONTROL_TABLE: 'sluice-dev-control', LAMBDA_TASK_ROOT: '.' },
    // Read when the module is loaded.
    ...{ POWERTOOLS_LOG_LEVEL: 'SILENT', POWERTOOLS_METRICS_DISABLED: 'true' },
  });
  ({ gateHandler, stageHandler } = await import('../../lambdas/handler'));
  jest.spyOn(console, 'warn').mockReturnValue();
});

test('a stage acts on the flow of its direction and returns the run unchanged', async () => {
  const seen: unknown[] = [];
  const plan = stageHandler('plan', async ({ run, flow }) => seen.push([run, flow.from.side, flow.to.side]));
  expect(await plan(RUN, CONTEXT)).toEqual(RUN);
  expect(await plan({ ...RUN, direction: 'reverse' }, CONTEXT)).toEqual({ ...RUN, direction: 'reverse' });
  expect(seen).toEqual([
    [RUN, 'source', 'target'],
    [{ ...RUN, direction: 'reverse' }, 'target', 'source'],
  ]);
});

test('a gate returns the run with its result and adds its events and retries', async () => {
  const judge = gateHandler('judge', async () => ({ verdict: 'clean' }));
  expect(await judge({ ...RUN, retries: 4 }, CONTEXT)).toEqual({
    ...RUN,
    events: 100 + gateEvents('judge', 4),
    verdict: 'clean',
  });
});

test('fields of a single invocation reach the gate and are not passed on', async () => {
  const purposes: string[] = [];
  const nextWave = gateHandler('nextWave', async ({ run }, { purpose }) => {
    expect(run).toEqual(RUN);
    purposes.push(purpose);
    return { verdict: 'empty', items: [], concurrency: 1 };
  });
  const returned = await nextWave({ ...RUN, purpose: 'verify', retries: 0, verdict: 'ready' }, CONTEXT);
  expect(purposes).toEqual(['verify']);
  expect(returned).toEqual({
    ...{ ...RUN, verdict: 'empty', items: [], concurrency: 1 },
    events: 100 + gateEvents('nextWave', 0),
  });
});

test('an input without a migration name is refused, naming the value', async () => {
  const plan = stageHandler('plan', async () => undefined);
  await expect(plan({}, CONTEXT)).rejects.toMatchObject({ name: 'MalformedInput' });
});

test('a refused statement names the function and its place, never the message of the database', async () => {
  const refused = new StatementRefused('row (secret) is refused', '42501', null);
  refused.where = 'target (login worker)';
  const plan = stageHandler('plan', () => Promise.reject(refused));
  const thrown = (await plan(RUN, CONTEXT).catch((error: unknown) => error)) as Error;
  expect(thrown).toMatchObject({
    name: 'StatementRefused',
    message: expect.stringMatching(
      /^plan: the target \(login worker\) refused a statement: SQLSTATE 42501\. /,
    ) as string,
  });
  expect(JSON.stringify([thrown.message, thrown.stack, thrown.cause])).not.toContain('secret');
});

import {
  DescribeExecutionCommand,
  DescribeMapRunCommand,
  ListExecutionsCommand,
  ListMapRunsCommand,
  RedriveExecutionCommand,
  StopExecutionCommand,
  UpdateMapRunCommand,
} from '@aws-sdk/client-sfn';
import type { Clock, StepFunctionsOptions } from '../../src/step-functions';
import { systemClock } from '../../src/step-functions/clock';
import { detailsOf, functionError, type Lambda } from '../../src/testing/step-functions';
import { distributed, distributedWork, slowWork, range } from './map-definitions';
import { startFailingExecution, redriveToEnd, failingFor, task, type Served } from './redrive-helpers';
import { closeServed, serve } from './served-engine';

afterEach(closeServed);

describe('a Map Run', () => {
  const runOf = async ({ client }: Served, executionArn: string): Promise<string> => {
    const { mapRuns = [] } = await client.send(new ListMapRunsCommand({ executionArn }));
    expect(mapRuns).toHaveLength(1);
    return mapRuns[0]?.mapRunArn ?? '';
  };

  test('is redriven with its parent: children that did not succeed continue where they failed', async () => {
    const { work, recover, calls } = failingFor(1, 3);
    const states = { Before: { Type: 'Pass', Next: 'Work' }, Work: task({ End: true }) };
    const processor = { ...distributedWork, StartAt: 'Before', States: states };
    const definition = distributed({ ItemProcessor: processor, MaxConcurrency: 1, ToleratedFailureCount: 1 });
    const served = await serve(definition, { work });
    const { client, engine } = served;
    const executionArn = await startFailingExecution(served, range(5));
    const mapRunArn = await runOf(served, executionArn);
    const counts = async (): Promise<object | undefined> =>
      (await client.send(new DescribeMapRunCommand({ mapRunArn }))).itemCounts;
    expect(await counts()).toMatchObject({ succeeded: 2, failed: 2, aborted: 1, total: 5 });
    const [child] = (await client.send(new ListExecutionsCommand({ mapRunArn, statusFilter: 'FAILED' })))
      .executions!;
    const childArn = child?.executionArn ?? '';
    expect(await client.send(new DescribeExecutionCommand({ executionArn: childArn }))).toMatchObject({
      redriveStatus: 'REDRIVABLE_BY_MAP_RUN',
    });
    const alone = new RedriveExecutionCommand({ executionArn: childArn });
    await expect(client.send(alone)).rejects.toMatchObject({ name: 'ExecutionNotRedrivable' });

    recover();
    expect(await redriveToEnd(served, executionArn)).toEqual(range(5));
    expect(calls).toEqual([0, 1, 2, 3, 1, 3, 4]);
    expect(await runOf(served, executionArn)).toBe(mapRunArn);
    expect(await counts()).toMatchObject({
      succeeded: 5,
      failed: 0,
      aborted: 0,
      pendingRedrive: 0,
      total: 5,
    });
    const described = await client.send(new DescribeMapRunCommand({ mapRunArn }));
    expect(described).toMatchObject({ status: 'SUCCEEDED', redriveCount: 1 });
    const { executions = [] } = await client.send(
      new ListExecutionsCommand({ mapRunArn, redriveFilter: 'REDRIVEN' }),
    );
    expect(executions).toHaveLength(2);
    const event = engine.inspect(executionArn).events.find(({ type }) => type === 'MapRunRedriven');
    expect(detailsOf(event)).toEqual({ mapRunArn, redriveCount: 1 });
    const ofChild = engine.inspect(childArn).events.map(({ type }) => type);
    expect(ofChild.filter((type) => type === 'PassStateEntered')).toHaveLength(1);
    expect(ofChild).toContain('ExecutionRedriven');
  });

  test('children that wait for their redrive are PENDING_REDRIVE', async () => {
    const release: (() => void)[] = [];
    const { work } = failingFor(...range(3));
    let healthy = false;
    const served = await serve(distributed({ MaxConcurrency: 1, ToleratedFailureCount: 2 }), {
      work: (payload, options) =>
        healthy ? new Promise<void>((resolve) => release.push(resolve)) : work(payload, options),
    });
    const { client, engine, stateMachineArn } = served;
    const { executionArn } = engine.startExecution({ stateMachineArn, input: range(4) });
    expect((await engine.settled(executionArn)).status).toBe('FAILED');
    const mapRunArn = await runOf(served, executionArn);
    healthy = true;
    await client.send(new RedriveExecutionCommand({ executionArn }));
    while (release.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    const pending = await client.send(
      new ListExecutionsCommand({ mapRunArn, statusFilter: 'PENDING_REDRIVE' }),
    );
    expect(pending.executions).toHaveLength(2);
    const { executionCounts } = await client.send(new DescribeMapRunCommand({ mapRunArn }));
    expect(executionCounts).toMatchObject({ pendingRedrive: 2, running: 1, pending: 1 });
    await client.send(new StopExecutionCommand({ executionArn }));
    const stopped = await client.send(new DescribeMapRunCommand({ mapRunArn }));
    expect(stopped.executionCounts).toMatchObject({ pendingRedrive: 0, running: 0, aborted: 4 });
  });

  // "the parent workflow execution has closed within 14 days, but the child workflow execution closed earlier".
  test('does not redrive children that ended more than 14 days ago', async () => {
    const dayMs = 24 * 60 * 60 * 1000;
    let nowMs = Date.UTC(2026, 0, 1);
    const clock: Clock = { nowMs: () => nowMs, wait: () => new Promise(() => undefined) };
    let healthy = false;
    const work: Lambda = (payload) => {
      if (payload === 0) throw functionError('Broken');
      return healthy ? payload : new Promise(() => undefined);
    };
    const served = await serve(distributed({ ToleratedFailureCount: 1 }), { work }, { clock });
    const { client, engine, stateMachineArn } = served;
    const { executionArn } = engine.startExecution({ stateMachineArn, input: [0, 1] });
    while (engine.counters().stateTransitions < 3) await new Promise((resolve) => setTimeout(resolve, 2));
    const mapRunArn = await runOf(served, executionArn);
    nowMs += 10 * dayMs;
    await client.send(new StopExecutionCommand({ executionArn }));
    nowMs += 10 * dayMs;
    healthy = true;
    expect(await redriveToEnd(served, executionArn)).toEqual([1]);
    const { itemCounts } = await client.send(new DescribeMapRunCommand({ mapRunArn }));
    expect(itemCounts).toMatchObject({ succeeded: 1, failed: 1, failuresNotRedrivable: 1, total: 2 });
  });

  test('is not redriven without permission to redrive its children', async () => {
    const { work, recover } = failingFor(1);
    const requests: object[] = [];
    const accessControl: NonNullable<StepFunctionsOptions['accessControl']> = {
      authorizeRequest: () => undefined,
      assumeRole: () => undefined,
      authorizeExecution: (_caller, _service, operation, request) => {
        if (operation !== 'RedriveExecution') return undefined;
        requests.push(request);
        return { name: 'AccessDeniedException', message: 'not allowed' };
      },
    };
    const served = await serve(distributed(), { work }, { accessControl });
    const executionArn = await startFailingExecution(served, range(2));
    recover();
    expect(await redriveToEnd(served, executionArn)).toMatchObject({ error: 'States.Permissions' });
    const resource = /^arn:aws:states:eu-west-1:111122223333:execution:served\/Each:[0-9a-f-]{36}$/;
    expect(requests).toEqual([{ executionArn: expect.stringMatching(resource) as string }]);
  });

  test('can be updated while it runs', async () => {
    const { work, maxConcurrent, calls } = slowWork(40);
    const served = await serve(distributed({ MaxConcurrency: 1 }), { work });
    const { client, engine, stateMachineArn } = served;
    const { executionArn } = engine.startExecution({ stateMachineArn, input: range(8) });
    while (calls.length < 1) await new Promise((resolve) => setTimeout(resolve, 2));
    const mapRunArn = await runOf(served, executionArn);
    const update = (fields: object): Promise<unknown> =>
      client.send(new UpdateMapRunCommand({ mapRunArn, ...fields }));
    await expect(update({ toleratedFailurePercentage: 101 })).rejects.toMatchObject({
      name: 'ValidationException',
    });
    await update({ maxConcurrency: 4, toleratedFailurePercentage: 12.5 });
    expect(await client.send(new DescribeMapRunCommand({ mapRunArn }))).toMatchObject({
      maxConcurrency: 4,
      toleratedFailurePercentage: 12.5,
    });
    expect((await engine.settled(executionArn)).status).toBe('SUCCEEDED');
    expect(maxConcurrent()).toBe(4);
    await expect(update({ maxConcurrency: 1 })).rejects.toMatchObject({ name: 'ValidationException' });
    const none = new UpdateMapRunCommand({ mapRunArn: `${mapRunArn}-2`, maxConcurrency: 1 });
    await expect(client.send(none)).rejects.toMatchObject({ name: 'ResourceNotFound' });
  });

  // "A Map Run can continue to run even after the parent workflow stops or times out."
  test('continues for mapRunLagMs after its parent was stopped', async () => {
    const mapRunLagMs = 77_777;
    let endLag: () => void = () => undefined;
    const clock: Clock = {
      nowMs: () => Date.now(),
      wait: (ms, signal) =>
        ms === mapRunLagMs ? new Promise((resolve) => (endLag = resolve)) : systemClock.wait(ms, signal),
    };
    const { work, calls } = slowWork(5);
    const served = await serve(distributed({ MaxConcurrency: 1 }), { work }, { mapRunLagMs, clock });
    const { client, engine, stateMachineArn } = served;
    const { executionArn } = engine.startExecution({ stateMachineArn, input: range(5000) });
    const callsReach = async (count: number): Promise<void> => {
      while (calls.length < count) await new Promise((resolve) => setTimeout(resolve, 2));
    };
    await callsReach(1);
    await client.send(new StopExecutionCommand({ executionArn }));
    const stoppedAt = calls.length;
    const mapRunArn = await runOf(served, executionArn);
    const statusOf = async (): Promise<string | undefined> =>
      (await client.send(new DescribeMapRunCommand({ mapRunArn }))).status;
    expect(await statusOf()).toBe('RUNNING');
    await callsReach(stoppedAt + 3);
    endLag();
    await new Promise((resolve) => setImmediate(resolve));
    expect(await statusOf()).toBe('ABORTED');
  });
});

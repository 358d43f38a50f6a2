import {
  DescribeExecutionCommand,
  GetExecutionHistoryCommand,
  RedriveExecutionCommand,
  StopExecutionCommand,
  UpdateStateMachineCommand,
} from '@aws-sdk/client-sfn';
import { functionError, singleState, type Lambda } from '../../src/testing/step-functions';
import { startFailingExecution, redriveToEnd, failingFor, task, typesOf } from './redrive-helpers';
import { closeServed, serve } from './served-engine';

afterEach(closeServed);

test('a redrive continues from the failed state, with its input and variables, in the same history', async () => {
  const { work, recover, calls } = failingFor('x');
  const served = await serve(
    {
      StartAt: 'First',
      States: {
        First: { Type: 'Pass', Assign: { kept: 1 }, Result: 'x', Next: 'Work' },
        Work: task({ Next: 'Last', Retry: [{ ErrorEquals: ['Other'] }] }),
        Last: {
          Type: 'Pass',
          Parameters: { 'kept.$': '$kept', 'in.$': '$', 'redrives.$': '$$.Execution.RedriveCount' },
          End: true,
        },
      },
    },
    { work },
  );
  const executionArn = await startFailingExecution(served, {});
  const { client, stateMachineArn } = served;
  const describe = (): Promise<object> => client.send(new DescribeExecutionCommand({ executionArn }));
  expect(await describe()).toMatchObject({ redriveStatus: 'REDRIVABLE', redriveCount: 0 });
  // An update does not change the definition of the execution.
  const definition = JSON.stringify(singleState({ Type: 'Succeed', End: undefined }));
  await client.send(new UpdateStateMachineCommand({ stateMachineArn, definition }));
  recover();
  expect(await redriveToEnd(served, executionArn)).toEqual({ kept: 1, in: 'x', redrives: 1 });
  expect(calls).toEqual(['x', 'x']);
  expect(await describe()).toMatchObject({
    ...{ status: 'SUCCEEDED', redriveCount: 1, redriveDate: expect.any(Date) as Date },
    ...{
      redriveStatus: 'NOT_REDRIVABLE',
      redriveStatusReason: 'Execution is SUCCEEDED and cannot be redriven',
    },
  });
  const { events = [] } = await client.send(new GetExecutionHistoryCommand({ executionArn }));
  const types = events.map(({ type }) => type);
  expect(types.slice(types.indexOf('ExecutionFailed'))).toEqual([
    'ExecutionFailed',
    'ExecutionRedriven',
    'LambdaFunctionScheduled',
    'LambdaFunctionStarted',
    'LambdaFunctionSucceeded',
    'TaskStateExited',
    'PassStateEntered',
    'PassStateExited',
    'ExecutionSucceeded',
  ]);
  expect(events.find(({ type }) => type === 'ExecutionRedriven')?.executionRedrivenEventDetails).toEqual({
    redriveCount: 1,
  });
});

test('a redrive resets the retry counts', async () => {
  let calls = 0;
  const work: Lambda = () => {
    calls += 1;
    throw functionError('Broken');
  };
  const retry = [{ ErrorEquals: ['Broken'], IntervalSeconds: 1, MaxAttempts: 1 }];
  const served = await serve(singleState(task({ Retry: retry })), { work });
  const executionArn = await startFailingExecution(served, 'x');
  expect(await redriveToEnd(served, executionArn)).toMatchObject({ status: 'FAILED', error: 'Broken' });
  expect(calls).toBe(4);
});

test('a Parallel reruns only the branches that did not succeed', async () => {
  const { work, recover, calls } = failingFor('b');
  const branch = (name: string): object => ({
    StartAt: `To ${name}`,
    States: {
      [`To ${name}`]: { Type: 'Pass', Result: name, Next: `Work ${name}` },
      [`Work ${name}`]: task({ End: true }),
    },
  });
  const served = await serve(singleState({ Type: 'Parallel', Branches: [branch('a'), branch('b')] }), {
    work,
  });
  const executionArn = await startFailingExecution(served, {});
  recover();
  expect(await redriveToEnd(served, executionArn)).toEqual(['a', 'b']);
  expect(calls).toEqual(['a', 'b', 'b']);
  expect(typesOf(served, executionArn).filter((type) => type === 'ParallelStateStarted')).toHaveLength(1);
});

test('an inline Map reruns only the iterations that did not succeed', async () => {
  const { work, recover, calls } = failingFor(2);
  const processor = { StartAt: 'Work', States: { Work: task({ End: true }) } };
  const definition = singleState({ Type: 'Map', MaxConcurrency: 1, ItemProcessor: processor });
  const served = await serve(definition, { work });
  const executionArn = await startFailingExecution(served, [1, 2, 3]);
  recover();
  expect(await redriveToEnd(served, executionArn)).toEqual([1, 2, 3]);
  expect(calls).toEqual([1, 2, 2, 3]);
  const starts = typesOf(served, executionArn).filter((type) => type === 'MapIterationStarted');
  expect(starts).toHaveLength(4);
});

test('after a result over the limit, the whole Parallel runs again', async () => {
  let size = 150_000;
  const calls: unknown[] = [];
  const work: Lambda = (payload) => {
    calls.push(payload);
    return 'x'.repeat(size);
  };
  const branch = (name: string): object => ({ StartAt: name, States: { [name]: task({ End: true }) } });
  const served = await serve(singleState({ Type: 'Parallel', Branches: [branch('A'), branch('B')] }), {
    work,
  });
  const executionArn = await startFailingExecution(served, 1);
  size = 1;
  expect(await redriveToEnd(served, executionArn)).toEqual(['x', 'x']);
  expect(calls).toHaveLength(4);
});

test('a redrive of a stopped execution continues where it stopped', async () => {
  const calls: unknown[] = [];
  const work: Lambda = (payload) => {
    calls.push(payload);
    return calls.length === 1 ? new Promise(() => undefined) : 'done';
  };
  const before = { Type: 'Pass', Result: 'b', Next: 'Work' };
  const served = await serve(
    { StartAt: 'Before', States: { Before: before, Work: task({ End: true }) } },
    { work },
  );
  const { client, engine, stateMachineArn } = served;
  const { executionArn } = engine.startExecution({ stateMachineArn });
  while (calls.length === 0) await new Promise((resolve) => setTimeout(resolve, 2));
  await client.send(new StopExecutionCommand({ executionArn }));
  expect(await redriveToEnd(served, executionArn)).toBe('done');
  expect(calls).toEqual(['b', 'b']);
  expect(typesOf(served, executionArn).filter((type) => type === 'PassStateEntered')).toHaveLength(1);
});

test('an execution that is not redrivable is refused with the reason', async () => {
  const { work, recover } = failingFor('x');
  const served = await serve(singleState(task()), { work });
  const { client } = served;
  const executionArn = await startFailingExecution(served, 'x');
  recover();
  const redrive = (clientToken: string): Promise<{ redriveDate?: Date | undefined }> =>
    client.send(new RedriveExecutionCommand({ executionArn, clientToken }));
  const first = await redrive('token-1');
  await served.engine.settled(executionArn);
  // A repeated client token does not redrive the execution again.
  expect((await redrive('token-1')).redriveDate).toEqual(first.redriveDate);
  await expect(redrive('token-2')).rejects.toMatchObject({
    name: 'ExecutionNotRedrivable',
    message: expect.stringContaining('Execution is SUCCEEDED') as string,
  });
  await expect(
    client.send(new RedriveExecutionCommand({ executionArn: `${executionArn}-2` })),
  ).rejects.toMatchObject({ name: 'ExecutionDoesNotExist' });
});

// Source: "Redrive eligibility for unsuccessful executions".
test('an execution is not redrivable more than 14 days after its end', async () => {
  let nowMs = Date.UTC(2026, 0, 1);
  const clock = { nowMs: () => nowMs, wait: () => Promise.resolve() };
  const served = await serve({ StartAt: 'F', States: { F: { Type: 'Fail' } } }, {}, { clock });
  const executionArn = await startFailingExecution(served, {});
  nowMs += 14 * 24 * 60 * 60 * 1000;
  expect(await redriveToEnd(served, executionArn)).toMatchObject({ status: 'FAILED' });
  nowMs += 14 * 24 * 60 * 60 * 1000 + 1;
  const described = await served.client.send(new DescribeExecutionCommand({ executionArn }));
  expect(described.redriveStatusReason).toBe('Execution redrivable period exceeded');
});

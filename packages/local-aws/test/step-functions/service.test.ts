import {
  CreateStateMachineCommand,
  DescribeExecutionCommand,
  DescribeMapRunCommand,
  DescribeStateMachineCommand,
  GetExecutionHistoryCommand,
  ListExecutionsCommand,
  ListMapRunsCommand,
  ListStateMachinesCommand,
  PublishStateMachineVersionCommand,
  StartExecutionCommand,
  StopExecutionCommand,
  paginateGetExecutionHistory,
  paginateListExecutions,
} from '@aws-sdk/client-sfn';
import { lambdaTask, singleState, type Lambda } from '../../src/testing/step-functions';
import { closeServed, serve } from './served-engine';

afterEach(closeServed);

const waiting = singleState({ Type: 'Wait', Seconds: 600 });
const passing = singleState({ Type: 'Pass' });
const missing = (kind: string): string => `arn:aws:states:eu-west-1:111122223333:${kind}:none`;

test('an execution can be started and described, and its history can be read', async () => {
  const { client, engine, stateMachineArn } = await serve(singleState(lambdaTask('double')), {
    double: (n) => (n as number) * 2,
  });
  const { executionArn = '', startDate } = await client.send(
    new StartExecutionCommand({ stateMachineArn, name: 'one', input: '21' }),
  );
  expect(executionArn).toBe('arn:aws:states:eu-west-1:111122223333:execution:served:one');
  expect(Math.abs((startDate?.getTime() ?? 0) - Date.now())).toBeLessThan(5000);
  await engine.settled(executionArn);

  const described = await client.send(new DescribeExecutionCommand({ executionArn }));
  expect(described).toMatchObject({
    status: 'SUCCEEDED',
    name: 'one',
    input: '21',
    stateMachineArn,
    redriveStatus: 'NOT_REDRIVABLE',
  });
  expect((JSON.parse(described.output ?? '') as { Payload: number }).Payload).toBe(42);
  expect(described.stopDate).toBeInstanceOf(Date);

  const { events = [] } = await client.send(new GetExecutionHistoryCommand({ executionArn }));
  expect(events.map(({ type }) => type)).toEqual([
    'ExecutionStarted',
    'TaskStateEntered',
    'TaskScheduled',
    'TaskStarted',
    'TaskSucceeded',
    'TaskStateExited',
    'ExecutionSucceeded',
  ]);
  expect(events[0]?.timestamp).toBeInstanceOf(Date);
  expect(events[1]?.stateEnteredEventDetails).toMatchObject({ name: 'Only', input: '21' });
  const { events: bare = [] } = await client.send(
    new GetExecutionHistoryCommand({ executionArn, includeExecutionData: false, reverseOrder: true }),
  );
  expect(bare[0]?.type).toBe('ExecutionSucceeded');
  expect(bare.at(-2)?.stateEnteredEventDetails).toEqual({ name: 'Only' });
});

test('starting an execution again is idempotent while it runs with the same input, and refused otherwise', async () => {
  const { client, stateMachineArn } = await serve(waiting);
  const startWith = (
    input: string,
  ): Promise<{ executionArn?: string | undefined; startDate?: Date | undefined }> =>
    client.send(new StartExecutionCommand({ stateMachineArn, name: 'one', input }));
  const first = await startWith('{"a":1}');
  const second = await startWith('{"a":1}');
  expect(second.executionArn).toBe(first.executionArn);
  expect(second.startDate).toEqual(first.startDate);
  await expect(startWith('{"a":2}')).rejects.toMatchObject({
    name: 'ExecutionAlreadyExists',
    $metadata: { httpStatusCode: 400 },
  });
  await client.send(new StopExecutionCommand({ executionArn: first.executionArn ?? '' }));
  await expect(startWith('{"a":1}')).rejects.toMatchObject({ name: 'ExecutionAlreadyExists' });
});

test('StopExecution aborts the execution without starting another state, but does not kill the function', async () => {
  const calls: string[] = [];
  let signal: AbortSignal | undefined;
  let finish: () => void = () => undefined;
  const entered = new Promise<void>((resolve) => {
    finish = resolve;
  });
  let release: () => void = () => undefined;
  const lambdas: Record<string, Lambda> = {
    long: async (_payload, options) => {
      ({ signal } = options);
      finish();
      await new Promise<void>((resolve) => (release = resolve));
      calls.push('long finished');
    },
    after: () => void calls.push('after'),
  };
  const definition = {
    StartAt: 'Long',
    States: { Long: lambdaTask('long', { Next: 'After' }), After: lambdaTask('after', { End: true }) },
  };
  const { client, engine, stateMachineArn } = await serve(definition, lambdas);
  const { executionArn = '' } = await client.send(new StartExecutionCommand({ stateMachineArn }));
  await entered;
  const { stopDate } = await client.send(
    new StopExecutionCommand({ executionArn, error: 'Operator', cause: 'enough' }),
  );
  const described = await client.send(new DescribeExecutionCommand({ executionArn }));
  expect(described).toMatchObject({ status: 'ABORTED', error: 'Operator', cause: 'enough', stopDate });
  expect(signal?.aborted).toBe(true);
  release();
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(calls).toEqual(['long finished']);
  expect(engine.inspect(executionArn).events.map(({ type }) => type)).toEqual([
    'ExecutionStarted',
    'TaskStateEntered',
    'TaskScheduled',
    'TaskStarted',
    'ExecutionAborted',
  ]);
  // A second stop changes nothing.
  expect((await client.send(new StopExecutionCommand({ executionArn, cause: 'again' }))).stopDate).toEqual(
    stopDate,
  );
});

test('a Task can stop an execution of another state machine', async () => {
  const { client, engine, stateMachineArn } = await serve(waiting);
  const { executionArn = '' } = await client.send(new StartExecutionCommand({ stateMachineArn }));
  const stop = {
    Type: 'Task',
    Resource: 'arn:aws:states:::aws-sdk:sfn:stopExecution',
    Parameters: { 'ExecutionArn.$': '$.owner', Cause: 'aborted' },
  };
  const abort = engine.createStateMachine({ name: 'abort', definition: singleState(stop) });
  const stopping = async (owner: string): Promise<unknown> =>
    engine.settled(engine.startExecution({ ...abort, input: { owner } }).executionArn);
  expect(await stopping(executionArn)).toMatchObject({
    status: 'SUCCEEDED',
    output: expect.stringMatching(/^\{"StopDate":"20/) as string,
  });
  expect(await client.send(new DescribeExecutionCommand({ executionArn }))).toMatchObject({
    status: 'ABORTED',
    cause: 'aborted',
  });
  expect(await stopping(`${stateMachineArn.replace('stateMachine', 'execution')}:none`)).toMatchObject({
    status: 'FAILED',
    error: 'Sfn.ExecutionDoesNotExistException',
  });
});

test('listings are paginated, newest first', async () => {
  const { client, engine, stateMachineArn } = await serve(passing);
  for (const name of ['a', 'b', 'c', 'd', 'e']) {
    await engine.settled(engine.startExecution({ stateMachineArn, name }).executionArn);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  const names: (string | undefined)[] = [];
  for await (const page of paginateListExecutions({ client, pageSize: 2 }, { stateMachineArn })) {
    expect(page.executions?.length).toBeLessThanOrEqual(2);
    names.push(...(page.executions ?? []).map(({ name }) => name));
  }
  expect(names).toEqual(['e', 'd', 'c', 'b', 'a']);
  const ids: (number | undefined)[] = [];
  const executionArn = `${stateMachineArn.replace('stateMachine', 'execution')}:a`;
  for await (const page of paginateGetExecutionHistory({ client, pageSize: 3 }, { executionArn })) {
    ids.push(...(page.events ?? []).map(({ id }) => id));
  }
  expect(ids).toEqual([1, 2, 3, 4]);
  const running = await client.send(new ListExecutionsCommand({ stateMachineArn, statusFilter: 'RUNNING' }));
  expect(running.executions).toEqual([]);
  await expect(
    client.send(new ListExecutionsCommand({ stateMachineArn, nextToken: 'x' })),
  ).rejects.toMatchObject({ name: 'InvalidToken' });
});

test.each([
  [{ maxResults: 1001 }, 'maxResults', 'have value less than or equal to 1000'],
  [{ maxResults: -1 }, 'maxResults', 'have value greater than or equal to 0'],
  [{ nextToken: 'x'.repeat(3097) }, 'nextToken', 'have length less than or equal to 3096'],
  [{ nextToken: '' }, 'nextToken', 'have length greater than or equal to 1'],
  [{ statusFilter: 'DONE' }, 'statusFilter', 'satisfy enum value set: [SUCCEEDED, '],
])('a page request with %j is refused', async (fields, name, constraint) => {
  const { client, stateMachineArn } = await serve(passing);
  const response = client.send(new ListExecutionsCommand({ stateMachineArn, ...(fields as object) }));
  const [value = ''] = Object.values<string | number>(fields);
  await expect(response).rejects.toMatchObject({
    name: 'ValidationException',
    message: expect.stringContaining(
      `1 validation error detected: Value '${value}' at '${name}' failed to satisfy constraint: Member must ${constraint}`,
    ) as string,
  });
});

test('traceHeader is validated, but has no effect', async () => {
  const { client, engine, stateMachineArn } = await serve(passing);
  const startWith = (traceHeader: string): Promise<unknown> =>
    client.send(new StartExecutionCommand({ stateMachineArn, traceHeader }));
  await startWith('x'.repeat(256));
  const wrong = [startWith('x'.repeat(257)), startWith('é')];
  for (const each of wrong)
    await expect(each).rejects.toThrow(/^1 validation error detected: Value '.*' at 'traceHeader' failed/);
  expect(engine.counters().executions).toBe(1);
});

test('only the history contains the error of a timeout', async () => {
  const { client, engine, stateMachineArn } = await serve({ ...waiting, TimeoutSeconds: 1 });
  const { executionArn } = engine.startExecution({ stateMachineArn });
  await engine.settled(executionArn);
  const described = await client.send(new DescribeExecutionCommand({ executionArn }));
  expect(described.status).toBe('TIMED_OUT');
  expect(described.error).toBeUndefined();
  const { events = [] } = await client.send(new GetExecutionHistoryCommand({ executionArn }));
  expect(events.at(-1)).toMatchObject({ executionTimedOutEventDetails: { error: 'States.Timeout' } });
});

test('state machines can be created, listed and described', async () => {
  const { client, stateMachineArn } = await serve(passing);
  const definition = JSON.stringify(waiting);
  const created = await client.send(
    new CreateStateMachineCommand({ name: 'another', definition, roleArn: 'arn:aws:iam::1:role/r' }),
  );
  const { stateMachines = [] } = await client.send(new ListStateMachinesCommand({}));
  expect(stateMachines.map((machine) => machine.stateMachineArn)).toEqual([
    created.stateMachineArn,
    stateMachineArn,
  ]);
  const described = await client.send(
    new DescribeStateMachineCommand({ stateMachineArn: created.stateMachineArn ?? '' }),
  );
  expect(described).toMatchObject({
    definition,
    roleArn: 'arn:aws:iam::1:role/r',
    type: 'STANDARD',
    status: 'ACTIVE',
  });
  const wrong = new CreateStateMachineCommand({ name: 'wrong', definition: '{"StartAt":"A"}', roleArn: 'r' });
  await expect(client.send(wrong)).rejects.toMatchObject({
    name: 'InvalidDefinition',
    message: expect.stringContaining('These fields are required: [States]') as string,
  });
});

test('invalid requests are refused with the error names of the API model', async () => {
  const { client, stateMachineArn } = await serve(passing);
  const startWith = (fields: object): Promise<unknown> =>
    client.send(new StartExecutionCommand({ stateMachineArn, ...fields }));
  await expect(startWith({ name: 'a b' })).rejects.toMatchObject({ name: 'InvalidName' });
  await expect(startWith({ input: 'no json' })).rejects.toMatchObject({ name: 'InvalidExecutionInput' });
  await expect(startWith({ input: '' })).rejects.toMatchObject({
    name: 'InvalidExecutionInput',
    message: "Invalid State Machine Execution Input: 'Invalid execution input.'",
  });
  await expect(startWith({ input: `"${'x'.repeat(262_143)}"` })).rejects.toMatchObject({
    name: 'ValidationException',
  });
  await expect(startWith({ stateMachineArn: missing('stateMachine') })).rejects.toMatchObject({
    name: 'StateMachineDoesNotExist',
  });
  await expect(startWith({ stateMachineArn: 'no arn' })).rejects.toMatchObject({ name: 'InvalidArn' });
  const executionArn = missing('execution:served');
  for (const command of [
    new DescribeExecutionCommand({ executionArn }),
    new StopExecutionCommand({ executionArn }),
    new GetExecutionHistoryCommand({ executionArn }),
    new ListMapRunsCommand({ executionArn }),
  ]) {
    await expect(client.send(command as DescribeExecutionCommand)).rejects.toMatchObject({
      name: 'ExecutionDoesNotExist',
    });
  }
  await expect(
    client.send(new DescribeMapRunCommand({ mapRunArn: missing('mapRun:served/x') })),
  ).rejects.toMatchObject({ name: 'ResourceNotFound' });
  await expect(client.send(new ListExecutionsCommand({}))).rejects.toMatchObject({
    name: 'ValidationException',
  });
  await expect(client.send(new PublishStateMachineVersionCommand({ stateMachineArn }))).rejects.toThrow(
    'PublishStateMachineVersion is not supported',
  );
});

test('a status change becomes visible after describeLagMs', async () => {
  const { client, engine, stateMachineArn } = await serve(passing, {}, { describeLagMs: 300 });
  const { executionArn = '' } = await client.send(new StartExecutionCommand({ stateMachineArn }));
  await engine.settled(executionArn);
  const status = async (): Promise<string | undefined> =>
    (await client.send(new DescribeExecutionCommand({ executionArn }))).status;
  expect(await status()).toBe('RUNNING');
  expect((await client.send(new ListExecutionsCommand({ stateMachineArn }))).executions).toEqual([]);
  await new Promise((resolve) => setTimeout(resolve, 320));
  expect(await status()).toBe('SUCCEEDED');
  expect((await client.send(new ListExecutionsCommand({ stateMachineArn }))).executions).toHaveLength(1);
});

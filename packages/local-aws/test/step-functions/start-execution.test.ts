import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../src/step-functions/clock';
import type { StepFunctions } from '../../src/step-functions';
import {
  closeTestStepFunctions,
  detailsOf,
  lambdaTask,
  runStateMachine,
  singleState,
  startTestStepFunctions,
} from '../../src/testing/step-functions';
import { fractionalClock } from '../../src/testing/virtual-clock';

afterEach(closeTestStepFunctions);

const OPTIMISED = 'arn:aws:states:::states:startExecution';
const SDK = 'arn:aws:states:::aws-sdk:sfn:startExecution';
const arnOf = (name: string): string => `arn:aws:states:eu-west-1:111122223333:stateMachine:${name}`;
const executionOf = (machine: string, name: string): string =>
  `arn:aws:states:eu-west-1:111122223333:execution:${machine}:${name}`;

const starting = (parameters: object = {}, resource = OPTIMISED): object =>
  singleState({
    Type: 'Task',
    Resource: resource,
    Parameters: { StateMachineArn: arnOf('child'), 'Input.$': '$.input', ...parameters },
  });

const hour = singleState({ Type: 'Wait', Seconds: 3600 });

test('the started execution is independent of its parent', async () => {
  const engine = await startTestStepFunctions();
  engine.createStateMachine({ name: 'child', definition: hour });
  const { outcome, output, types, events } = await runStateMachine(engine, starting(), {
    input: { n: [1, null] },
  });
  const { ExecutionArn: child } = output as { ExecutionArn: string };
  expect(outcome.status).toBe('SUCCEEDED');
  expect(engine.inspect(child).status).toBe('RUNNING');
  const [startedAs] = engine.inspect(child).events;
  expect(JSON.parse(String(detailsOf(startedAs)['input']))).toEqual({ n: [1, null] });
  expect(types.slice(2, 5)).toEqual(['TaskScheduled', 'TaskStarted', 'TaskSucceeded']);
  expect(detailsOf(events[2])).toMatchObject({ resourceType: 'states', resource: 'startExecution' });
  expect((await engine.settled(child)).stopMs - outcome.stopMs).toBe(3_600_000);
});

test('the result contains the date in milliseconds and the response metadata', async () => {
  const engine = await startTestStepFunctions({}, { clock: fractionalClock() });
  engine.createStateMachine({ name: 'child', definition: hour });
  const { output } = await runStateMachine(engine, starting({ Name: 'one' }), { input: {} });
  const requestId = expect.stringMatching(/^[0-9a-f-]{36}$/) as string;
  const length = JSON.stringify({
    executionArn: executionOf('child', 'one'),
    startDate: 1_769_860_800,
  }).length;
  const headers = {
    connection: 'keep-alive',
    'Content-Length': String(length),
    'Content-Type': 'application/x-amz-json-1.0',
    Date: 'Sat, 31 Jan 2026 12:00:00 GMT',
    'x-amzn-RequestId': requestId,
  };
  expect(output).toEqual({
    ExecutionArn: executionOf('child', 'one'),
    SdkHttpMetadata: {
      AllHttpHeaders: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]])),
      HttpHeaders: headers,
      HttpStatusCode: 200,
    },
    SdkResponseMetadata: { RequestId: requestId },
    StartDate: Date.UTC(2026, 0, 31, 12),
  });
});

test('the end of the parent does not stop the started execution', async () => {
  const engine = await startTestStepFunctions();
  engine.createStateMachine({ name: 'child', definition: hour });
  const { stateMachineArn } = engine.createStateMachine({
    name: 'parent',
    definition: {
      StartAt: 'Start',
      States: {
        Start: {
          ...(starting({ Name: 'kept' }) as { States: { Only: object } }).States.Only,
          End: undefined,
          Next: 'Stay',
        },
        Stay: { Type: 'Wait', Seconds: 7200, Next: 'StopMe' },
        StopMe: { Type: 'Fail', Error: 'Stopped' },
      },
    },
  });
  const { executionArn } = engine.startExecution({ stateMachineArn, input: { input: {} } });
  expect((await engine.settled(executionArn)).status).toBe('FAILED');
  expect(await engine.settled(executionOf('child', 'kept'))).toMatchObject({ status: 'SUCCEEDED' });
});

test('the SDK integration takes the input as text, and returns the date as ISO text', async () => {
  const engine = await startTestStepFunctions();
  engine.createStateMachine({ name: 'child', definition: singleState({ Type: 'Pass' }) });
  const asText = { 'Input.$': 'States.JsonToString($.input)' };
  const { output } = await runStateMachine(engine, starting(asText, SDK), { input: { n: 1 } }, 'given');
  expect(output).toEqual({
    ExecutionArn: expect.stringContaining(':execution:child:') as string,
    StartDate: '2026-01-31T12:00:00.000Z',
  });
  const { output: copied } = await engine.settled((output as { ExecutionArn: string }).ExecutionArn);
  expect(copied).toBe('{"n":1}');
  const { outcome } = await runStateMachine(engine, starting({}, SDK), { input: { n: 1 } }, 'object');
  expect(outcome).toMatchObject({ status: 'FAILED', error: 'States.Runtime' });
});

describe('Name', () => {
  const named = (resource: string): object =>
    starting(
      { Name: 'one', ...(resource === SDK ? { 'Input.$': 'States.JsonToString($.input)' } : {}) },
      resource,
    );

  test('is idempotent with the same input while the execution runs', async () => {
    const engine = await startTestStepFunctions();
    engine.createStateMachine({ name: 'child', definition: hour });
    for (const parent of ['first', 'second']) {
      const { output } = await runStateMachine(engine, named(OPTIMISED), { input: { a: 1 } }, parent);
      expect(output).toMatchObject({ ExecutionArn: executionOf('child', 'one') });
    }
    expect(engine.counters().executions).toBe(3);
  });

  test.each([
    [OPTIMISED, 'StepFunctions.ExecutionAlreadyExistsException'],
    [SDK, 'Sfn.ExecutionAlreadyExistsException'],
  ])('is in use with another input or after the execution has ended: %s', async (resource, error) => {
    const engine = await startTestStepFunctions();
    engine.createStateMachine({ name: 'child', definition: hour });
    await runStateMachine(engine, named(resource), { input: { a: 1 } }, 'first');
    const other = await runStateMachine(engine, named(resource), { input: { a: 2 } }, 'other');
    expect(other.outcome).toMatchObject({ status: 'FAILED', error });
    await engine.settled(executionOf('child', 'one'));
    const late = await runStateMachine(engine, named(resource), { input: { a: 1 } }, 'late');
    expect(late.outcome).toMatchObject({ status: 'FAILED', error });
  });
});

describe('refuses', () => {
  const refused = async (engine: StepFunctions, parameters: object, input: unknown): Promise<unknown> =>
    (await runStateMachine(engine, starting(parameters), { input })).outcome.error;

  test.each([
    [{ StateMachineArn: arnOf('missing') }, 'StepFunctions.StateMachineDoesNotExistException'],
    [{ StateMachineArn: 'child' }, 'StepFunctions.InvalidArnException'],
    [{ Name: 'a b' }, 'StepFunctions.InvalidNameException'],
  ])('%j with %s', async (parameters, error) => {
    const engine = await startTestStepFunctions();
    engine.createStateMachine({ name: 'child', definition: hour });
    expect(await refused(engine, parameters, {})).toBe(error);
    expect(engine.counters().executions).toBe(1);
  });

  test.each([
    [
      OPTIMISED,
      /^(.*) \(Service: AWSStepFunctions; Status Code: 400; Error Code: StateMachineDoesNotExist; (.*)$/,
    ],
    [SDK, /^(.*) \(Service: Sfn, Status Code: 400, (.*)$/],
  ])('with a cause worded by the client that calls: %s', async (resource, words) => {
    const { outcome } = await runStateMachine(
      await startTestStepFunctions(),
      starting({ 'Input.$': '$.text' }, resource),
      { text: '{}' },
    );
    const [, message, rest] = words.exec(outcome.cause ?? '') ?? [];
    expect(message).toBe(`State Machine Does Not Exist: '${arnOf('child')}'`);
    const end = resource === SDK ? '\\) \\(SDK Attempt Count: 1\\)' : '; Proxy: null\\)';
    expect(rest).toMatch(new RegExp(`^Request ID: [0-9a-f-]{36}${end}$`));
  });

  test('parameters over 256 KiB, even if the input alone is below the limit', async () => {
    const engine = await startTestStepFunctions();
    engine.createStateMachine({ name: 'child', definition: hour });
    expect(await refused(engine, {}, 'x'.repeat(262_144 - 20))).toBe('States.DataLimitExceeded');
    expect(engine.counters().executions).toBe(1);
  });

  test('the SDK integration with .sync, and unknown or missing parameters, at creation', async () => {
    const engine = await startTestStepFunctions();
    const register = (definition: object) => () => engine.createStateMachine({ name: 'wrong', definition });
    expect(register(starting({}, `${SDK}.sync`))).toThrow(`Resource '${SDK}.sync' is not supported`);
    expect(register(starting({ TraceHeader: 'x' }))).toThrow(
      "field 'TraceHeader' is unknown or not supported here",
    );
    expect(register(singleState({ Type: 'Task', Resource: OPTIMISED, Parameters: { Input: {} } }))).toThrow(
      'StateMachineArn is required',
    );
  });
});

/** Counts its rounds, each with a Map whose items may fail, and continues as a new execution after three rounds. */
const renewing = {
  StartAt: 'Start',
  States: {
    Start: { Type: 'Pass', Result: { count: 0 }, ResultPath: '$.rounds', Next: 'Count' },
    Count: {
      Type: 'Pass',
      Parameters: { 'count.$': 'States.MathAdd($.rounds.count, 1)' },
      ResultPath: '$.rounds',
      Next: 'Left',
    },
    Left: {
      Type: 'Choice',
      Choices: [{ Variable: '$.rounds.count', NumericGreaterThan: 3, Next: 'Renew' }],
      Default: 'Check',
    },
    Check: lambdaTask('check', {
      ResultSelector: { 'over.$': '$.Payload.over' },
      ResultPath: '$.checked',
      Next: 'Over',
    }),
    Over: {
      Type: 'Choice',
      Choices: [
        { Variable: '$.checked.over', BooleanEquals: true, Next: 'Done' },
        { Variable: '$.items[0]', IsPresent: true, Next: 'Each' },
      ],
      Default: 'Done',
    },
    Each: {
      Type: 'Map',
      ItemsPath: '$.items',
      ResultPath: null,
      Next: 'Count',
      ItemProcessor: {
        StartAt: 'Work',
        States: {
          Work: lambdaTask('work', {
            ResultPath: null,
            End: true,
            Catch: [{ ErrorEquals: ['States.ALL'], ResultPath: null, Next: 'Failed' }],
          }),
          Failed: { Type: 'Wait', Seconds: 10, End: true },
        },
      },
    },
    Renew: {
      Type: 'Task',
      Resource: OPTIMISED,
      Parameters: {
        StateMachineArn: arnOf('renewing'),
        Input: { 'items.$': '$.items', 'replaces.$': '$$.Execution.Id' },
      },
      ResultPath: null,
      Next: 'Renewed',
    },
    Renewed: { Type: 'Succeed' },
    Done: { Type: 'Succeed' },
  },
};

test('an execution can start its own successor, which names its predecessor', async () => {
  const rounds: { execution: string; replaces: unknown }[] = [];
  const worked: unknown[] = [];
  const engine = await startTestStepFunctions({
    check: (state, { caller }) => {
      rounds.push({ execution: caller.executionArn, ...(state as { replaces: unknown }) });
      return { over: rounds.length > 10 };
    },
    work: (item) => {
      const { is } = item as { is: string };
      worked.push(is);
      if (is === 'bad') throw new Error('always');
    },
  });
  const first = await runStateMachine(
    engine,
    renewing,
    { items: [{ is: 'good' }, { is: 'bad' }], replaces: null },
    'renewing',
  );
  expect(first.outcome.status).toBe('SUCCEEDED');
  while (rounds.length <= 10) await new Promise((resolve) => setImmediate(resolve));
  const executions = [...new Set(rounds.map(({ execution }) => execution))];
  expect(executions).toHaveLength(4);
  const replaced = executions.map((each) => rounds.find(({ execution }) => execution === each)!.replaces);
  expect(replaced).toEqual([null, ...executions.slice(0, -1)]);
  // A failed item ends neither its sibling nor the round.
  expect(worked.filter((item) => item === 'good')).toHaveLength(10);
  expect(worked.filter((item) => item === 'bad')).toHaveLength(10);
});

describe('when the engine ends', () => {
  let stateDirectory: string;
  beforeEach(() => {
    stateDirectory = mkdtempSync(join(tmpdir(), 'step-functions-'));
  });
  afterEach(() => rmSync(stateDirectory, { recursive: true, force: true }));

  test('an execution that a Task started is ABORTED too', async () => {
    const clock = systemClock;
    const engine = await startTestStepFunctions({}, { stateDirectory, clock });
    engine.createStateMachine({ name: 'child', definition: hour });
    const { output } = await runStateMachine(engine, starting(), { input: {} });
    const { ExecutionArn: child } = output as { ExecutionArn: string };
    await engine.close();
    const next = await startTestStepFunctions({}, { stateDirectory, clock });
    expect(next.inspect(child)).toMatchObject({
      status: 'ABORTED',
      outcome: { cause: 'The engine stopped while the execution was running.' },
    });
  });
});

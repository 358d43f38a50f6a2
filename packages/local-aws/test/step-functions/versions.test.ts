/** Versions and aliases of state machines: executions keep the revision that they were started with. */
import {
  DescribeExecutionCommand,
  DescribeStateMachineAliasCommand,
  DescribeStateMachineCommand,
  DescribeStateMachineForExecutionCommand,
  ListExecutionsCommand,
  ListStateMachineAliasesCommand,
  ListStateMachineVersionsCommand,
  SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';

import type { MachineState } from '../../src/step-functions/deployed-machine';
import type { StepFunctions } from '../../src/step-functions';
import {
  closeTestStepFunctions,
  functionArn,
  lambdaTask,
  startTestStepFunctions,
  type Lambda,
} from '../../src/testing/step-functions';

const ARN = 'arn:aws:states:eu-west-1:111122223333:stateMachine:machine';
const ROLE = 'arn:aws:iam::111122223333:role/machine';

let engine: StepFunctions;
let client: SFNClient;
let calls: string[];

beforeEach(async () => {
  calls = [];
  const note: Lambda = (payload) => {
    calls.push((payload as { word: string }).word);
    return payload;
  };
  engine = await startTestStepFunctions({ note, '1': note });
  client = new SFNClient({
    endpoint: engine.url,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
  });
});
afterEach(async () => {
  client.destroy();
  await closeTestStepFunctions();
});

const revision = (definition: object, revisionId: string | null, updateMs = 1_000) => ({
  definition: JSON.stringify(definition),
  ...{ roleArn: ROLE, configuration: '{}', revisionId, updateMs },
});
const saying = (word: string): object => ({
  StartAt: 'Say',
  States: {
    Say: {
      Type: 'Pass',
      Parameters: { word, 'machine.$': '$$.StateMachine.Id', 'name.$': '$$.StateMachine.Name' },
      End: true,
    },
  },
});

/** A machine with a version for each definition; the last is also the latest revision. */
function machineOf(
  definitions: readonly object[],
  aliases: Readonly<Record<string, string>> = {},
): MachineState {
  const revisions = definitions.map((each, index) =>
    revision(each, index === 0 ? null : `revision-${index}`),
  );
  return {
    ...{ logicalId: 'Machine', name: 'machine', arn: ARN, creationMs: 500 },
    latest: revisions.at(-1)!,
    versions: Object.fromEntries(
      revisions.map((each, index) => [
        index + 1,
        { revision: each, description: `version ${index + 1}`, creationMs: 1_000 * (index + 1) },
      ]),
    ),
    aliases: Object.fromEntries(
      Object.entries(aliases).map(([name, version]) => [
        name,
        { version, description: 'for tests', creationMs: 7_000, updateMs: 8_000 },
      ]),
    ),
  };
}

async function run(stateMachineArn: string, input: unknown = {}) {
  const { executionArn } = engine.startExecution({ stateMachineArn, input });
  const { output = 'null', ...outcome } = await engine.settled(executionArn);
  return { executionArn, ...outcome, output: JSON.parse(output) as unknown };
}

test('an execution runs the version of its ARN, the version of its alias, or the latest revision', async () => {
  engine.deploy([machineOf([saying('one'), saying('two')], { live: '1' })]);
  const words = [];
  for (const arn of [`${ARN}:1`, `${ARN}:2`, `${ARN}:live`, ARN]) words.push((await run(arn)).output);
  // As DescribeExecution does, the context object has the ARN of the machine without a qualifier.
  expect(words).toEqual(
    ['one', 'two', 'one', 'two'].map((word) => ({ word, machine: ARN, name: 'machine' })),
  );
});

test('descriptions and lists of executions name the version and the alias, as recorded on AWS', async () => {
  engine.deploy([machineOf([saying('one')], { live: '1' })]);
  const associations = [
    [ARN, {}],
    [`${ARN}:1`, { stateMachineVersionArn: `${ARN}:1` }],
    [`${ARN}:live`, { stateMachineVersionArn: `${ARN}:1`, stateMachineAliasArn: `${ARN}:live` }],
  ] as const;
  const byArn = new Map<string, string>();
  for (const [stateMachineArn, expected] of associations) {
    const { executionArn } = await run(stateMachineArn);
    byArn.set(stateMachineArn, executionArn);
    const { stateMachineVersionArn, stateMachineAliasArn, ...described } = await client.send(
      new DescribeExecutionCommand({ executionArn }),
    );
    expect(described.stateMachineArn).toBe(ARN);
    expect(executionArn).toContain(':execution:machine:');
    expect({ stateMachineVersionArn, stateMachineAliasArn }).toEqual({
      stateMachineVersionArn: undefined,
      stateMachineAliasArn: undefined,
      ...expected,
    });
  }
  const listed = async (stateMachineArn: string) =>
    (await client.send(new ListExecutionsCommand({ stateMachineArn }))).executions?.length;
  expect([await listed(ARN), await listed(`${ARN}:1`), await listed(`${ARN}:live`)]).toEqual([3, 2, 1]);
});

test('a version or an alias that does not exist is StateMachineDoesNotExist', async () => {
  engine.deploy([machineOf([saying('one')])]);
  for (const qualifier of ['2', 'live'])
    await expect(
      client.send(new StartExecutionCommand({ stateMachineArn: `${ARN}:${qualifier}` })),
    ).rejects.toMatchObject({
      name: 'StateMachineDoesNotExist',
      message: `State Machine Does Not Exist: '${ARN}:${qualifier}'`,
    });
});

test('DescribeStateMachine describes a version; DescribeStateMachineForExecution, what the execution runs', async () => {
  engine.deploy([machineOf([saying('one'), saying('two')])]);
  const { executionArn } = await run(`${ARN}:1`);
  engine.deploy([machineOf([saying('one'), saying('two'), saying('three')])]);
  expect(await client.send(new DescribeStateMachineCommand({ stateMachineArn: `${ARN}:2` }))).toMatchObject({
    stateMachineArn: `${ARN}:2`,
    name: 'machine',
    description: 'version 2',
    definition: JSON.stringify(saying('two')),
    revisionId: 'revision-1',
    creationDate: new Date(2_000),
  });
  expect(await client.send(new DescribeStateMachineCommand({ stateMachineArn: ARN }))).toMatchObject({
    stateMachineArn: ARN,
    definition: JSON.stringify(saying('three')),
    creationDate: new Date(500),
  });
  expect(await client.send(new DescribeStateMachineForExecutionCommand({ executionArn }))).toMatchObject({
    stateMachineArn: ARN,
    definition: JSON.stringify(saying('one')),
  });
});

test('versions are listed in pages, the newest first', async () => {
  engine.deploy([machineOf(Array.from({ length: 12 }, (_, index) => saying(String(index))))]);
  const arns: (string | undefined)[] = [];
  for (let nextToken: string | undefined, more = true; more; more = nextToken !== undefined) {
    const page = await client.send(
      new ListStateMachineVersionsCommand({ stateMachineArn: ARN, maxResults: 5, nextToken }),
    );
    arns.push(...(page.stateMachineVersions ?? []).map((each) => each.stateMachineVersionArn));
    ({ nextToken } = page);
  }
  expect(arns).toEqual(Array.from({ length: 12 }, (_, index) => `${ARN}:${12 - index}`));
});

test('aliases are described and listed, also those of one version', async () => {
  engine.deploy([machineOf([saying('one'), saying('two')], { live: '2', old: '1' })]);
  const listed = async (stateMachineArn: string) =>
    (await client.send(new ListStateMachineAliasesCommand({ stateMachineArn }))).stateMachineAliases?.map(
      ({ stateMachineAliasArn }) => stateMachineAliasArn,
    );
  expect(await listed(ARN)).toEqual([`${ARN}:live`, `${ARN}:old`]);
  expect(await listed(`${ARN}:1`)).toEqual([`${ARN}:old`]);
  expect(
    await client.send(new DescribeStateMachineAliasCommand({ stateMachineAliasArn: `${ARN}:live` })),
  ).toMatchObject({
    name: 'live',
    description: 'for tests',
    routingConfiguration: [{ stateMachineVersionArn: `${ARN}:2`, weight: 100 }],
    updateDate: new Date(8_000),
  });
  await expect(
    client.send(new DescribeStateMachineAliasCommand({ stateMachineAliasArn: `${ARN}:gone` })),
  ).rejects.toMatchObject({ name: 'ResourceNotFound' });
});

/** Waits an hour, then says its word in a Distributed Map and at the end. */
const waiting = (word: string, functionName = 'note'): object => ({
  StartAt: 'Wait',
  States: {
    Wait: { Type: 'Wait', Seconds: 3_600, Next: 'Each' },
    Each: {
      Type: 'Map',
      ItemsPath: '$.items',
      ItemSelector: { word: `${word} in the map` },
      ItemProcessor: {
        ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
        StartAt: 'Child',
        States: { Child: { ...lambdaTask(functionName), End: true } },
      },
      ResultPath: null,
      Next: 'Say',
    },
    Say: { Type: 'Pass', Result: { word }, Next: 'Last' },
    Last: { ...lambdaTask(functionName), End: true },
  },
});

test.each(['', ':1', ':live'])(
  'a running execution of machine%s keeps its definition over a deployment, children included',
  async (qualifier) => {
    engine.deploy([machineOf([waiting('old')], { live: '1' })]);
    const { executionArn } = engine.startExecution({
      stateMachineArn: `${ARN}${qualifier}`,
      input: { items: [1, 2] },
    });
    engine.deploy([machineOf([waiting('old'), saying('new')], { live: '2' })]);
    expect((await engine.settled(executionArn)).status).toBe('SUCCEEDED');
    expect(calls).toEqual(['old in the map', 'old in the map', 'old']);
  },
);

test('an execution of a deleted version continues, can be stopped and redriven, and cannot be started again', async () => {
  engine.deploy([machineOf([waiting('old'), saying('two')])]);
  const [first, second] = [1, 2].map(() =>
    engine.startExecution({ stateMachineArn: `${ARN}:1`, input: { items: [] } }),
  );
  const { versions, ...latest } = machineOf([waiting('old'), saying('two')]);
  engine.deploy([{ ...latest, versions: { 2: versions['2']! } }]);
  const { StopExecutionCommand, RedriveExecutionCommand } = await import('@aws-sdk/client-sfn');
  await client.send(new StopExecutionCommand({ executionArn: second!.executionArn }));
  expect((await engine.settled(second!.executionArn)).status).toBe('ABORTED');
  await client.send(new RedriveExecutionCommand({ executionArn: second!.executionArn }));
  for (const { executionArn } of [first!, second!])
    expect((await engine.settled(executionArn)).status).toBe('SUCCEEDED');
  expect(calls).toEqual(['old', 'old']);
  expect(() => engine.startExecution({ stateMachineArn: `${ARN}:1` })).toThrow(
    'State Machine Does Not Exist',
  );
});

const starting = (resource: string, word: string): object => ({
  StartAt: 'Start',
  States: {
    Start: {
      Type: 'Task',
      Resource: resource,
      Parameters: { 'StateMachineArn.$': '$.pinned', Input: resource.includes('aws-sdk') ? '{}' : { word } },
      End: true,
    },
  },
});

test.each(['arn:aws:states:::states:startExecution.sync:2', 'arn:aws:states:::aws-sdk:sfn:startExecution'])(
  '%s starts a version or an alias',
  async (resource) => {
    const starter = machineOf([starting(resource, 'x')]);
    const target = 'arn:aws:states:eu-west-1:111122223333:stateMachine:target';
    engine.deploy([
      starter,
      { ...machineOf([saying('one'), saying('two')], { live: '1' }), name: 'target', arn: target },
    ]);
    for (const qualifier of ['1', 'live']) {
      const { output } = await run(ARN, { pinned: `${target}:${qualifier}` });
      const { ExecutionArn } = output as { ExecutionArn: string };
      const settled = await engine.settled(ExecutionArn);
      expect(JSON.parse(settled.output ?? '')).toMatchObject({ word: 'one' });
    }
    const { output, error } = await run(ARN, { pinned: `${target}:9` });
    expect([output, error]).toEqual([
      null,
      resource.includes('aws-sdk')
        ? 'Sfn.StateMachineDoesNotExistException'
        : 'StepFunctions.StateMachineDoesNotExistException',
    ]);
  },
);

test('lambda:invoke passes on the version, in the ARN or as Qualifier', async () => {
  const invoking = (Parameters: object): object => ({
    StartAt: 'Invoke',
    States: {
      Invoke: { Type: 'Task', Resource: 'arn:aws:states:::lambda:invoke', Parameters, End: true },
    },
  });
  const Payload = { word: 'x' };
  for (const parameters of [
    { FunctionName: `${functionArn('note')}:1`, Payload },
    { FunctionName: functionArn('note'), Qualifier: '1', Payload },
  ]) {
    engine.deploy([machineOf([invoking(parameters)])]);
    expect(await run(ARN)).toMatchObject({ status: 'SUCCEEDED' });
  }
  engine.deploy([
    machineOf([invoking({ FunctionName: `${functionArn('note')}:1`, Qualifier: '2', Payload })]),
  ]);
  expect(await run(ARN)).toMatchObject({ error: 'Lambda.InvalidParameterValueException' });
});

test('a machine that a deployment removes is deleted, with its versions', async () => {
  engine.deploy([machineOf([saying('one')])]);
  engine.deploy([]);
  for (const arn of [ARN, `${ARN}:1`])
    expect(() => engine.startExecution({ stateMachineArn: arn })).toThrow('State Machine Does Not Exist');
});

test('a machine cannot be created while an earlier one is being deleted, or next to one of a client', () => {
  engine.deploy([machineOf([waiting('old')])]);
  engine.startExecution({ stateMachineArn: ARN, input: { items: [] } });
  engine.deploy([]);
  expect(engine.deploymentProblems([machineOf([saying('new')])])).toEqual([
    `Machine: ${ARN} is being deleted; wait until its executions have ended`,
  ]);
  const { stateMachineArn } = engine.createStateMachine({ name: 'own', definition: saying('own') });
  expect(engine.deploymentProblems([{ ...machineOf([saying('new')]), arn: stateMachineArn }])).toEqual([
    `Machine: ${stateMachineArn} already exists; delete it, or choose another name`,
  ]);
});

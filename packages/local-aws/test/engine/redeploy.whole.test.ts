/** Deployments over a running engine: what runs keeps its versions, and what is new sees the new ones. */
import { DescribeExecutionCommand, SendTaskSuccessCommand, SFNClient } from '@aws-sdk/client-sfn';
import type { CfnResource } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import type { StartedInvocation } from '../../src/lambda';
import { Redeployed } from './redeployed';
import { FUNCTION_ARN, machineArn, type Generation } from './versioned-app';

let app: Redeployed;
beforeEach(() => {
  app = new Redeployed();
});
afterEach(() => app.close());

/** Starts the machine `steps` and waits until it holds. @returns how to let it continue */
async function startHeld(stateMachineArn: string, items: readonly number[] = [1, 2]) {
  const file = join(app.directory, `token-${Math.random()}`);
  const { executionArn } = app.engine.stepFunctions.startExecution({
    stateMachineArn,
    input: { file, items },
  });
  const isRunning = (): boolean => app.engine.stepFunctions.inspect(executionArn).status === 'RUNNING';
  while (!existsSync(file) || readFileSync(file, 'utf8') === '') {
    if (!isRunning()) throw new Error(JSON.stringify(app.engine.stepFunctions.inspect(executionArn)));
    await sleep(20);
  }
  const finish = async () => {
    const client = new SFNClient(app.clientOptions('SFN'));
    const taskToken = readFileSync(file, 'utf8');
    await client.send(new SendTaskSuccessCommand({ taskToken, output: '{}' }));
    const { output = 'null', ...outcome } = await app.engine.stepFunctions.settled(executionArn);
    return { ...outcome, output: JSON.parse(output) as Readonly<Record<string, unknown>> };
  };
  return { executionArn, finish };
}

/** The output of `steps` if everything ran in one generation. */
const allOf = (word: string, executed: string) => {
  const step = { word, executed };
  return { first: step, each: [step, step], nested: { word }, last: step };
};

test('an execution started before a deployment runs in its own versions until its end', async () => {
  await app.start(app.synthesize({ word: 'A' }));
  const held = await Promise.all(
    ['', ':1', ':live'].map((qualifier) => startHeld(`${machineArn('steps')}${qualifier}`)),
  );
  await app.engine.deploy(app.synthesize({ word: 'B' }));
  for (const { finish } of held)
    expect(await finish()).toMatchObject({ status: 'SUCCEEDED', output: allOf('A', '1') });

  const later = await Promise.all(
    ['', ':2', ':live'].map((qualifier) => startHeld(`${machineArn('steps')}${qualifier}`)),
  );
  for (const { finish } of later)
    expect(await finish()).toMatchObject({ status: 'SUCCEEDED', output: allOf('B', '2') });
  const { finish } = await startHeld(`${machineArn('steps')}:1`);
  expect((await finish()).output).toMatchObject(allOf('A', '1'));
  expect((await app.engine.access()).denied).toEqual([]);
});

test('callers see the new $LATEST and alias after a deployment, and the old version by its number', async () => {
  await app.start(app.synthesize({ word: 'A' }));
  const running = app.engine.lambda.invokeLambda('worker', { sleepMs: 1_500 });
  while (app.engine.lambda.environments().length === 0) await sleep(10);
  await app.engine.deploy(app.synthesize({ word: 'B' }));
  expect(await app.invoke('worker')).toEqual({ word: 'B', version: '$LATEST' });
  expect(await app.invoke('worker:live')).toEqual({ word: 'B', version: '2' });
  expect(await app.invoke(`${FUNCTION_ARN}:1`)).toEqual({ word: 'A', version: '1' });
  expect((await running).payload).toEqual({ word: 'A', version: '$LATEST' });
  const { accessKeyId } = app.clientOptions('LAMBDA').credentials;
  const response = await fetch(
    `${app.engine.environment['AWS_ENDPOINT_URL_LAMBDA']}/2015-03-31/functions/worker/invocations?Qualifier=live`,
    {
      method: 'POST',
      body: '{}',
      headers: {
        authorization: `AWS4-HMAC-SHA256 Credential=${accessKeyId}/20261122/eu-central-1/lambda/aws4_request, SignedHeaders=host, Signature=0`,
      },
    },
  );
  expect([response.headers.get('x-amz-executed-version'), await response.json()]).toEqual([
    '2',
    { word: 'B', version: '2' },
  ]);
  expect(app.engine.outputs).toMatchObject({
    WorkerVersion: '2',
    StepsVersionArn: `${machineArn('steps')}:2`,
  });
});

test('a state machine that renews itself by the ARN of its version keeps the version', async () => {
  await app.start(app.synthesize({ word: 'A' }));
  const renew = (stateMachineArn: string) =>
    app.engine.stepFunctions.startExecution({
      stateMachineArn,
      input: { pinned: stateMachineArn, left: 2 },
    }).executionArn;
  const [pinned, unpinned] = [renew(`${machineArn('self')}:1`), renew(machineArn('self'))];
  await app.engine.deploy(app.synthesize({ word: 'B' }));
  const deployedMs = Date.now();
  type Output = { readonly word: string; readonly inner: Output; readonly arn: string };
  const outputOf = async (arn: string) =>
    JSON.parse((await app.engine.stepFunctions.settled(arn)).output ?? 'null') as Output;
  const output = await outputOf(pinned);
  expect(output).toMatchObject({ word: 'A', inner: { word: 'A', inner: { word: 'A' } } });
  expect(await outputOf(unpinned)).toMatchObject({ word: 'A', inner: { word: 'B', inner: { word: 'B' } } });
  const client = new SFNClient(app.clientOptions('SFN'));
  const { startDate, stateMachineVersionArn } = await client.send(
    new DescribeExecutionCommand({ executionArn: output.inner.arn }),
  );
  expect(startDate!.getTime()).toBeGreaterThan(deployedMs);
  expect(stateMachineVersionArn).toBe(`${machineArn('self')}:1`);
});

test('an execution of an old version fails as in AWS if the version was deleted', async () => {
  await app.start(app.synthesize({ word: 'A', retain: false }));
  const invoking = await startHeld(`${machineArn('steps')}:1`);
  const starting = await startHeld(`${machineArn('steps')}:1`, []);
  await app.engine.deploy(app.synthesize({ word: 'B', retain: false }));
  expect(await invoking.finish()).toMatchObject({
    status: 'FAILED',
    error: 'States.ExceedToleratedFailureThreshold',
  });
  expect(await starting.finish()).toMatchObject({
    status: 'FAILED',
    error: 'StepFunctions.StateMachineDoesNotExistException',
  });
  await expect(app.invoke('worker:1')).rejects.toMatchObject({
    name: 'Lambda.ResourceNotFoundException',
    message: expect.stringContaining(`Function not found: ${FUNCTION_ARN}:1`) as string,
  });
  expect(() =>
    app.engine.stepFunctions.startExecution({ stateMachineArn: `${machineArn('steps')}:1` }),
  ).toThrow('State Machine Does Not Exist');
});

test('a deployment changes the policies of running executions: an old version needs a grant that covers it', async () => {
  await app.start(app.synthesize({ word: 'A' }));
  const { finish } = await startHeld(machineArn('steps'));
  await app.engine.deploy(app.synthesize({ word: 'B', mayInvoke: [`${FUNCTION_ARN}:2`] }));
  expect(await finish()).toMatchObject({ status: 'FAILED', error: 'States.ExceedToleratedFailureThreshold' });
  expect((await app.engine.access()).denied).toMatchObject([
    { action: 'lambda:InvokeFunction', resource: `${FUNCTION_ARN}:1` },
  ]);
});

test('a version whose role no longer trusts Lambda cannot run; the others can', async () => {
  await app.start(app.synthesize({ word: 'A' }));
  const withNewRole: Generation['extend'] = (stack, worker) => {
    const role = new Role(stack, 'NewRole', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    (worker.node.defaultChild as CfnResource).addPropertyOverride('Role', role.roleArn);
    const trusted = 'AssumeRolePolicyDocument.Statement.0.Principal.Service';
    (worker.role!.node.defaultChild as CfnResource).addPropertyOverride(trusted, 'states.amazonaws.com');
  };
  await app.engine.deploy(app.synthesize({ word: 'B', extend: withNewRole }));
  expect(await app.invoke('worker:2')).toEqual({ word: 'B', version: '2' });
  await expect(app.invoke('worker:1')).rejects.toMatchObject({
    name: 'Lambda.InvalidParameterValueException',
    message: 'The role defined for the function cannot be assumed by Lambda.',
  });
});

test('versions survive the engine and the assembly that they were published from', async () => {
  const first = app.synthesize({ word: 'A' });
  await app.start(first);
  const second = app.synthesize({ word: 'B' });
  await app.engine.deploy(second);
  await app.engine.close();
  rmSync(dirname(first), { recursive: true });
  await app.start(second);
  expect(await app.invoke('worker:1')).toEqual({ word: 'A', version: '1' });
  expect(await app.invoke('worker:live')).toEqual({ word: 'B', version: '2' });
  const { finish } = await startHeld(`${machineArn('steps')}:1`);
  expect((await finish()).output).toMatchObject(allOf('A', '1'));
  await app.engine.deploy(app.synthesize({ word: 'C' }));
  expect(await app.invoke('worker:live')).toEqual({ word: 'C', version: '3' });
});

test('starting another assembly on the state directory is its next deployment', async () => {
  await app.start(app.synthesize({ word: 'A' }));
  await app.engine.close();
  await app.start(app.synthesize({ word: 'B' }));
  expect([await app.invoke('worker:1'), await app.invoke('worker:2')]).toEqual([
    { word: 'A', version: '1' },
    { word: 'B', version: '2' },
  ]);
});

test('returning to an earlier assembly publishes it again under new numbers', async () => {
  const first = app.synthesize({ word: 'A' });
  await app.start(first);
  await app.engine.deploy(app.synthesize({ word: 'B' }));
  await app.engine.deploy(first);
  expect(await app.invoke('worker:live')).toEqual({ word: 'A', version: '3' });
  expect(await app.invoke('worker:1')).toEqual({ word: 'A', version: '1' });
  const { finish } = await startHeld(`${machineArn('steps')}:3`);
  expect((await finish()).output).toMatchObject(allOf('A', '3'));
});

test('a harness sees the name of the function for every version, and the version', async () => {
  const [invoked, started]: [string[], StartedInvocation[]] = [[], []];
  await app.start(app.synthesize({ word: 'A' }), {
    faults: {
      onInvocation: (invocation) => started.push(invocation),
      variablesFor: (functionName, endpoints) => ({ ...endpoints, NAME: functionName }),
      invoke: (name, run) => {
        invoked.push(name);
        return run();
      },
    },
  });
  const { finish } = await startHeld(machineArn('steps'));
  await finish();
  await app.engine.lambda.sendEvent('worker:live', {});
  for (let waited = 0; started.length < 6 && waited < 5_000; waited += 20) await sleep(20);
  expect(invoked).toEqual([...Array<string>(5).fill(FUNCTION_ARN), 'worker']);
  expect(started.map(({ functionName, version }) => `${functionName} ${version}`)).toEqual(
    Array<string>(6).fill('worker 1'),
  );
  expect(started.every(({ variables }) => variables['NAME'] === 'worker')).toBe(true);
  expect(Object.keys((await app.engine.counters()).lambda)).toEqual(['worker']);
});

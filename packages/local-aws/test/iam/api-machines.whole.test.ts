/** State machines that clients create have the rights of the role that they name, or are refused. */
import {
  CreateStateMachineCommand,
  SFNClient,
  StartExecutionCommand,
  UpdateStateMachineCommand,
} from '@aws-sdk/client-sfn';
import { rmSync } from 'node:fs';
import { join } from 'node:path';

import { startEngine, type Engine } from '../../src/engine';
import { singleState } from '../../src/testing/step-functions';
import { synthesize, type FixtureApp } from '../assembly/fixture';

let app: FixtureApp;
let engine: Engine;
let client: SFNClient;
let machineRole: string;
let functionRole: string;

beforeAll(async () => {
  app = synthesize('exports.handler = async () => 7;');
  engine = await startEngine({
    ...{ assemblyDirectory: app.assemblyDirectory, stateDirectory: join(app.directory, 'state') },
    ...{ clusters: {}, secrets: {} },
  });
  client = new SFNClient({
    endpoint: engine.environment['AWS_ENDPOINT_URL_SFN']!,
    region: 'eu-central-1',
    credentials: {
      accessKeyId: engine.environment['AWS_ACCESS_KEY_ID']!,
      secretAccessKey: engine.environment['AWS_SECRET_ACCESS_KEY']!,
    },
    maxAttempts: 1,
  });
  machineRole = engine.assembly.stateMachines[0]!.roleArn;
  functionRole = engine.assembly.functions[0]!.roleArn;
});
afterAll(async () => {
  client.destroy();
  await engine.close();
  rmSync(app.directory, { recursive: true });
});

const invoking = (name: string) =>
  JSON.stringify(
    singleState({
      Type: 'Task',
      Resource: 'arn:aws:states:::lambda:invoke',
      Parameters: { FunctionName: name, Payload: {} },
      OutputPath: '$.Payload',
    }),
  );
const create = (name: string, roleArn: string, functionName = 'little-handler') =>
  client.send(new CreateStateMachineCommand({ name, roleArn, definition: invoking(functionName) }));
async function run(stateMachineArn: string | undefined) {
  const { executionArn } = await client.send(new StartExecutionCommand({ stateMachineArn }));
  return engine.stepFunctions.settled(executionArn!);
}

test('a machine has what its role allows, and nothing else', async () => {
  const allowed = await create('allowed', machineRole);
  expect(await run(allowed.stateMachineArn)).toMatchObject({ status: 'SUCCEEDED', output: '7' });
  const denied = await create('denied', machineRole, 'another-handler');
  expect(await run(denied.stateMachineArn)).toMatchObject({
    status: 'FAILED',
    error: 'Lambda.AWSLambdaException',
  });
  expect((await engine.access()).denied).toMatchObject([
    { action: 'lambda:InvokeFunction', principal: expect.stringMatching(/\/denied$/) as string },
  ]);
});

test('the rights remain after a deployment', async () => {
  await engine.deploy(app.assemblyDirectory);
  const arn = engine.outputs['MachineArn']!.replace('little-machine', 'allowed');
  expect(await run(arn)).toMatchObject({ status: 'SUCCEEDED' });
});

test('a role that is not in the template is refused with the remedy', async () => {
  const roleArn = 'arn:aws:iam::123456789012:role/elsewhere';
  const refused = create('refused', roleArn);
  await expect(refused).rejects.toMatchObject({ name: 'AccessDeniedException' });
  await expect(refused).rejects.toThrow(
    `is authorized to assume the provided role: ${roleArn}, for state machine 'refused'. The role is not in the deployed template; define it there, or name one of `,
  );
  await expect(refused).rejects.toThrow(machineRole);
  // The name was not taken.
  await expect(create('refused', machineRole)).resolves.toBeDefined();
});

test('a role that Step Functions may not assume is refused with the remedy', async () => {
  const refused = create('untrusted', functionRole);
  await expect(refused).rejects.toMatchObject({ name: 'AccessDeniedException' });
  await expect(refused).rejects.toThrow(
    /Allow states\.amazonaws\.com to assume the role for arn:.*:untrusted in the trust policy of HandlerServiceRole/,
  );
});

test('an update to another role is judged by the same rules, and changes nothing if it is refused', async () => {
  const { stateMachineArn } = await create('updated', machineRole);
  const update = (roleArn: string) =>
    client.send(new UpdateStateMachineCommand({ stateMachineArn, roleArn }));
  await expect(update(functionRole)).rejects.toMatchObject({ name: 'AccessDeniedException' });
  expect(await run(stateMachineArn)).toMatchObject({ status: 'SUCCEEDED' });
  await expect(update(machineRole)).resolves.toBeDefined();
});

test('a machine that is created in process is judged by the same rules', () => {
  const definition = singleState({ Type: 'Pass' });
  expect(() => engine.stepFunctions.createStateMachine({ name: 'inner', definition })).toThrow(
    'arn:aws:iam::123456789012:role/inner',
  );
});

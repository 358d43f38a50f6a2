/** Executions started by other executions: no caller waits for them, and they must end with the engine too. */
import { DefinitionBody, StateMachine, TaskInput } from 'aws-cdk-lib/aws-stepfunctions';
import { StepFunctionsStartExecution } from 'aws-cdk-lib/aws-stepfunctions-tasks';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { startEngine, type Engine } from '../../src/engine';
import { synthesize, type FixtureApp } from '../assembly/fixture';

/** Lasts for as long as its process does. */
const LASTING = 'exports.handler = () => new Promise((done) => setTimeout(done, 600_000));';

let app: FixtureApp;
const engines: Engine[] = [];

beforeAll(() => {
  app = synthesize(LASTING, (stack) => {
    // Referenced by name, as in a state machine that starts itself.
    const child = StateMachine.fromStateMachineName(stack, 'Renewed', 'little-machine');
    new StateMachine(stack, 'Starter', {
      stateMachineName: 'starter',
      definitionBody: DefinitionBody.fromChainable(
        new StepFunctionsStartExecution(stack, 'Start', {
          stateMachine: child,
          input: TaskInput.fromObject({ from: 'starter' }),
        }),
      ),
    });
  });
});
afterEach(() => Promise.all(engines.splice(0).map((engine) => engine.close())));
afterAll(() => rmSync(app.directory, { recursive: true }));

async function start(): Promise<Engine> {
  const engine = await startEngine({
    assemblyDirectory: app.assemblyDirectory,
    stateDirectory: join(app.directory, 'state'),
    clusters: {},
    secrets: {},
  });
  engines.push(engine);
  return engine;
}

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

test('closing the engine kills their functions, and the next engine reports them as aborted', async () => {
  const engine = await start();
  const { stepFunctions, lambda } = engine;
  const arn = engine.outputs['MachineArn']!.replace('little-machine', 'starter');
  const { executionArn } = stepFunctions.startExecution({ stateMachineArn: arn });
  const { status, output } = await stepFunctions.settled(executionArn);
  expect(status).toBe('SUCCEEDED');
  const { ExecutionArn: child } = JSON.parse(output ?? '') as { ExecutionArn: string };
  while (!lambda.environments().some(({ requestId }) => requestId !== undefined)) await sleep(20);
  expect(stepFunctions.inspect(child).status).toBe('RUNNING');
  const pids = lambda.environments().map(({ pid }) => pid);
  expect(pids).toHaveLength(1);

  await engine.close();
  expect(pids.filter(isAlive)).toEqual([]);
  await sleep(300);
  expect(lambda.environments()).toEqual([]);

  const next = await start();
  expect(next.stepFunctions.inspect(executionArn).status).toBe('SUCCEEDED');
  expect(next.stepFunctions.inspect(child)).toMatchObject({
    status: 'ABORTED',
    outcome: { cause: 'The engine stopped while the execution was running.' },
  });
  expect(next.lambda.environments()).toEqual([]);
});

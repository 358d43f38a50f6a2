import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import {
  SFNClient,
  DescribeExecutionCommand,
  RedriveExecutionCommand,
  ListExecutionsCommand,
  DescribeMapRunCommand,
  ListMapRunsCommand,
} from '@aws-sdk/client-sfn';
import {
  closeTestStepFunctions,
  singleState,
  startTestStepFunctions,
} from '../../src/testing/step-functions';

let stateDirectory: string;

beforeEach(() => {
  stateDirectory = mkdtempSync(join(tmpdir(), 'step-functions-'));
});

afterEach(async () => {
  await closeTestStepFunctions();
  rmSync(stateDirectory, { recursive: true, force: true });
});

const passing = singleState({ Type: 'Pass' });
const waiting = singleState({ Type: 'Wait', Seconds: 600 });
const lastFile = (): string => join(stateDirectory, readdirSync(stateDirectory).sort().at(-1) ?? '');

test('a restarted engine restores executions and keeps their names in use', async () => {
  const first = await startTestStepFunctions({}, { stateDirectory });
  const { stateMachineArn } = first.createStateMachine({ name: 'kept', definition: passing });
  const { executionArn } = first.startExecution({ stateMachineArn, name: 'one', input: { a: 'é' } });
  const outcome = await first.settled(executionArn);
  const { events } = first.inspect(executionArn);
  await first.close();

  const second = await startTestStepFunctions({}, { stateDirectory });
  second.createStateMachine({ name: 'kept', definition: passing });
  expect(second.inspect(executionArn)).toEqual({ status: 'SUCCEEDED', outcome, events });
  expect(() => second.startExecution({ stateMachineArn, name: 'one', input: { a: 'é' } })).toThrow(
    'Execution Already Exists',
  );
  const client = new SFNClient({
    endpoint: second.url,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'k', secretAccessKey: 's' },
  });
  const { executions } = await client.send(new ListExecutionsCommand({ stateMachineArn }));
  client.destroy();
  expect(executions).toMatchObject([{ executionArn, status: 'SUCCEEDED' }]);
});

test('an execution that was running when the engine closed is ABORTED, with the cause', async () => {
  const first = await startTestStepFunctions({}, { stateDirectory });
  const { stateMachineArn } = first.createStateMachine({ name: 'cut', definition: waiting });
  // The engine closes before the virtual clock jumps to the end of the wait.
  const { executionArn } = first.startExecution({ stateMachineArn });
  await first.close();
  const seen: unknown[] = [];
  for (let restarts = 0; restarts < 2; restarts++) {
    const engine = await startTestStepFunctions({}, { stateDirectory });
    seen.push(engine.inspect(executionArn));
    await engine.close();
  }
  expect(seen[0]).toMatchObject({
    status: 'ABORTED',
    outcome: { cause: 'The engine stopped while the execution was running.' },
  });
  expect(seen[1]).toEqual(seen[0]);
});

test('a restarted engine restores redrives, and does not redrive earlier executions', async () => {
  const failing = { StartAt: 'F', States: { F: { Type: 'Fail', Error: 'Broken' } } };
  const clientOf = ({ url }: { url: string }): SFNClient =>
    new SFNClient({
      endpoint: url,
      region: 'eu-west-1',
      credentials: { accessKeyId: 'k', secretAccessKey: 's' },
    });
  const first = await startTestStepFunctions({}, { stateDirectory });
  const { stateMachineArn } = first.createStateMachine({ name: 'again', definition: failing });
  const { executionArn } = first.startExecution({ stateMachineArn });
  await first.settled(executionArn);
  const client = clientOf(first);
  await client.send(new RedriveExecutionCommand({ executionArn }));
  client.destroy();
  await first.settled(executionArn);
  const before = first.inspect(executionArn);
  await first.close();

  const second = await startTestStepFunctions({}, { stateDirectory });
  expect(second.inspect(executionArn)).toEqual(before);
  const later = clientOf(second);
  const described = await later.send(new DescribeExecutionCommand({ executionArn }));
  const redrive = later.send(new RedriveExecutionCommand({ executionArn }));
  await expect(redrive).rejects.toMatchObject({ name: 'ExecutionNotRedrivable' });
  later.destroy();
  expect(described).toMatchObject({ status: 'FAILED', redriveCount: 1, redriveStatus: 'NOT_REDRIVABLE' });
});

test('a SIGKILL during a Map Run loses no reported result', async () => {
  const script = join(__dirname, 'killed-engine.ts');
  const child = spawn(process.execPath, ['--import', 'tsx', script, stateDirectory], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  child.kill('SIGKILL');
  await once(child, 'exit');
  const { executionArn, done } = JSON.parse(line) as { executionArn: string; done: number };

  const engine = await startTestStepFunctions({}, { stateDirectory });
  expect(engine.inspect(executionArn)).toMatchObject({ status: 'ABORTED' });
  expect(engine.inspect(executionArn).events.map(({ type }) => type)).toEqual([
    'ExecutionStarted',
    'MapStateEntered',
    'MapStateStarted',
    'MapRunStarted',
    'ExecutionAborted',
  ]);
  const client = new SFNClient({
    endpoint: engine.url,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'k', secretAccessKey: 's' },
  });
  const { mapRuns = [] } = await client.send(new ListMapRunsCommand({ executionArn }));
  const run = await client.send(new DescribeMapRunCommand({ mapRunArn: mapRuns[0]?.mapRunArn ?? '' }));
  client.destroy();
  expect(run).toMatchObject({ status: 'ABORTED', itemCounts: { running: 0, pending: 0, total: 10 } });
  expect(run.itemCounts?.succeeded).toBeGreaterThanOrEqual(done);
});

test('a truncated line is ignored, and nothing is appended to its file', async () => {
  const first = await startTestStepFunctions({}, { stateDirectory });
  const { stateMachineArn } = first.createStateMachine({ name: 'torn', definition: passing });
  const { executionArn } = first.startExecution({ stateMachineArn });
  await first.settled(executionArn);
  await first.close();
  const torn = lastFile();
  appendFileSync(torn, '{"kind":"event","executionA');
  const before = readFileSync(torn, 'utf8');

  const second = await startTestStepFunctions({}, { stateDirectory });
  second.createStateMachine({ name: 'torn', definition: passing });
  const { executionArn: later } = second.startExecution({ stateMachineArn });
  await second.settled(later);
  await second.close();
  expect(readFileSync(torn, 'utf8')).toBe(before);

  const third = await startTestStepFunctions({}, { stateDirectory });
  expect([executionArn, later].map((arn) => third.inspect(arn).status)).toEqual(['SUCCEEDED', 'SUCCEEDED']);
});

test('other damage is reported with its place', async () => {
  writeFileSync(join(stateDirectory, 'executions-000001.jsonl'), '{"kind":"exec\n{}\n');
  await expect(startTestStepFunctions({}, { stateDirectory })).rejects.toThrow(
    /executions-000001\.jsonl, line 1 is damaged/,
  );
});

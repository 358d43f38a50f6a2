import { SendTaskSuccessCommand, StopExecutionCommand } from '@aws-sdk/client-sfn';
import { systemClock } from '../../src/step-functions/clock';
import {
  closeTestStepFunctions,
  detailsOf,
  runStateMachine,
  singleState,
  startTestStepFunctions,
} from '../../src/testing/step-functions';
import { clientOf, closeServed } from './served-engine';
import { fractionalClock } from '../../src/testing/virtual-clock';
import { typesOf, until } from './polling';

afterEach(async () => {
  await closeServed();
  await closeTestStepFunctions();
});

describe('startExecution.sync', () => {
  const child = 'arn:aws:states:eu-west-1:111122223333:stateMachine:child';
  const job = (suffix: string, parameters: object = {}): object => ({
    Type: 'Task',
    Resource: `arn:aws:states:::states:startExecution${suffix}`,
    Parameters: { StateMachineArn: child, Name: 'job', Input: { a: 1 }, ...parameters },
  });
  const executionArn = 'arn:aws:states:eu-west-1:111122223333:execution:child:job';

  test.each([
    ['.sync', '{"a":1}', '{"a":1}'],
    ['.sync:2', { a: 1 }, { a: 1 }],
  ])('%s returns the execution as recorded on AWS', async (suffix, Input, Output) => {
    const engine = await startTestStepFunctions({}, { clock: fractionalClock() });
    engine.createStateMachine({ name: 'child', definition: singleState({ Type: 'Wait', Seconds: 60 }) });
    const { output, types } = await runStateMachine(engine, singleState(job(suffix)));
    expect(output).toEqual({
      ExecutionArn: executionArn,
      ...{ Input, InputDetails: { Included: true }, Output, OutputDetails: { Included: true } },
      ...{ Name: 'job', StateMachineArn: child, Status: 'SUCCEEDED' },
      ...{ StartDate: Date.UTC(2026, 0, 31, 12), StopDate: Date.UTC(2026, 0, 31, 12, 1) },
    });
    expect(types.slice(2, 6)).toEqual(['TaskScheduled', 'TaskStarted', 'TaskSubmitted', 'TaskSucceeded']);
  });

  test('a failed execution is States.TaskFailed with the execution as its cause', async () => {
    const engine = await startTestStepFunctions();
    const failing = { StartAt: 'F', States: { F: { Type: 'Fail', Error: 'Broken', Cause: 'why' } } };
    engine.createStateMachine({ name: 'child', definition: failing });
    const { outcome } = await runStateMachine(engine, singleState(job('.sync:2')));
    expect(outcome).toMatchObject({ status: 'FAILED', error: 'States.TaskFailed' });
    expect(JSON.parse(outcome.cause ?? '')).toMatchObject({
      ...{ Error: 'Broken', Cause: 'why', Status: 'FAILED', Input: '{"a":1}', ExecutionArn: executionArn },
    });
  });

  test('stopping the parent stops the started execution', async () => {
    const engine = await startTestStepFunctions({}, { clock: systemClock });
    engine.createStateMachine({ name: 'child', definition: singleState({ Type: 'Wait', Seconds: 600 }) });
    const parent = engine.createStateMachine({ name: 'parent', definition: singleState(job('.sync')) });
    const { executionArn: parentArn } = engine.startExecution(parent);
    await until(() => typesOf(engine, parentArn).includes('TaskSubmitted'));
    await clientOf(engine).send(new StopExecutionCommand({ executionArn: parentArn }));
    expect((await engine.settled(executionArn)).status).toBe('ABORTED');
  });

  test('a task that times out does not stop the started execution', async () => {
    const engine = await startTestStepFunctions();
    engine.createStateMachine({ name: 'child', definition: singleState({ Type: 'Wait', Seconds: 60 }) });
    const { outcome } = await runStateMachine(engine, singleState({ ...job('.sync'), TimeoutSeconds: 5 }));
    expect(outcome).toMatchObject({ status: 'FAILED', error: 'States.Timeout' });
    expect((await engine.settled(executionArn)).status).toBe('SUCCEEDED');
  });

  test.each(['.sync', '.waitForTaskToken'])(
    '%s can also be completed with its task token',
    async (suffix) => {
      const engine = await startTestStepFunctions({}, { clock: systemClock });
      engine.createStateMachine({ name: 'child', definition: singleState({ Type: 'Wait', Seconds: 600 }) });
      const withToken = job(suffix, { Input: { 'token.$': '$$.Task.Token' } });
      const parent = engine.createStateMachine({ name: 'parent', definition: singleState(withToken) });
      const { executionArn: parentArn } = engine.startExecution(parent);
      await until(() => typesOf(engine, parentArn).includes('TaskSubmitted'));
      const input = String(detailsOf(engine.inspect(executionArn).events[0])['input']);
      const { token: taskToken } = JSON.parse(input) as { token: string };
      await clientOf(engine).send(new SendTaskSuccessCommand({ taskToken, output: '"back"' }));
      expect(await engine.settled(parentArn)).toMatchObject({ status: 'SUCCEEDED', output: '"back"' });
    },
  );
});

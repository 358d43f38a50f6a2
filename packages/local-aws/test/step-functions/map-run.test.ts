import {
  DescribeExecutionCommand,
  DescribeMapRunCommand,
  ListExecutionsCommand,
  ListMapRunsCommand,
  StartExecutionCommand,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import { functionArn, singleState, type Lambda } from '../../src/testing/step-functions';
import { closeServed, serve } from './served-engine';

afterEach(closeServed);

describe('a Map Run', () => {
  const processor = {
    ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
    StartAt: 'Work',
    States: { Work: { Type: 'Task', Resource: functionArn('work'), End: true } },
  };
  const definition = singleState({
    Type: 'Map',
    ItemProcessor: processor,
    Label: 'Copy',
    MaxConcurrency: 2,
    ToleratedFailureCount: 1,
  });

  test('can be listed and described, with its children', async () => {
    const work: Lambda = (payload) => {
      if (payload === 0) throw new Error('no');
      return payload;
    };
    const { client, engine, stateMachineArn } = await serve(definition, { work });
    const { executionArn = '' } = await client.send(
      new StartExecutionCommand({ stateMachineArn, input: '[0,1,2]' }),
    );
    await engine.settled(executionArn);
    const { mapRuns = [] } = await client.send(new ListMapRunsCommand({ executionArn }));
    expect(mapRuns).toMatchObject([{ executionArn, stateMachineArn: `${stateMachineArn}/Copy` }]);
    const mapRunArn = mapRuns[0]?.mapRunArn ?? '';
    expect(mapRunArn).toMatch(/^arn:aws:states:eu-west-1:111122223333:mapRun:served\/Copy:[0-9a-f-]{36}$/);
    const counts = {
      pending: 0,
      running: 0,
      succeeded: 2,
      failed: 1,
      timedOut: 0,
      aborted: 0,
      total: 3,
      resultsWritten: 2,
    };
    expect(await client.send(new DescribeMapRunCommand({ mapRunArn }))).toMatchObject({
      status: 'SUCCEEDED',
      maxConcurrency: 2,
      toleratedFailureCount: 1,
      itemCounts: counts,
      executionCounts: counts,
    });
    const { executions = [] } = await client.send(new ListExecutionsCommand({ mapRunArn }));
    expect(executions.map(({ status }) => status).sort()).toEqual(['FAILED', 'SUCCEEDED', 'SUCCEEDED']);
    const own = await client.send(new ListExecutionsCommand({ stateMachineArn }));
    expect(own.executions).toHaveLength(1);
    const child = await client.send(
      new DescribeExecutionCommand({ executionArn: executions[0]?.executionArn ?? '' }),
    );
    expect(child).toMatchObject({ mapRunArn, stateMachineArn: `${stateMachineArn}/Copy` });
  });

  test('is stopped with its parent: running children are aborted, waiting items never start', async () => {
    const started: unknown[] = [];
    const work: Lambda = (payload) => {
      started.push(payload);
      return new Promise(() => undefined);
    };
    const { client, stateMachineArn } = await serve(definition, { work });
    const { executionArn = '' } = await client.send(
      new StartExecutionCommand({ stateMachineArn, input: '[0,1,2,3]' }),
    );
    while (started.length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
    await client.send(new StopExecutionCommand({ executionArn }));
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(started).toEqual([0, 1]);
    const { mapRuns = [] } = await client.send(new ListMapRunsCommand({ executionArn }));
    const mapRunArn = mapRuns[0]?.mapRunArn ?? '';
    const run = await client.send(new DescribeMapRunCommand({ mapRunArn }));
    expect(run).toMatchObject({
      status: 'ABORTED',
      itemCounts: { pending: 0, running: 0, aborted: 4, total: 4 },
    });
    const { executions = [] } = await client.send(
      new ListExecutionsCommand({ mapRunArn, statusFilter: 'ABORTED' }),
    );
    expect(executions).toHaveLength(2);
  });
});

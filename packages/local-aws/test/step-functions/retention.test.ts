import { DescribeExecutionCommand, GetExecutionHistoryCommand } from '@aws-sdk/client-sfn';
import { singleState } from '../../src/testing/step-functions';
import { closeServed, serve } from './served-engine';

afterEach(closeServed);

const DAY_MS = 24 * 60 * 60 * 1000;

// Source: "Execution history retention time" on the service quotas page, and the API model of StartExecution.
test('an execution is forgotten 90 days after its end, and its name can be reused', async () => {
  let nowMs = Date.UTC(2026, 0, 1);
  const clock = { nowMs: () => nowMs, wait: () => Promise.resolve() };
  const { client, engine, stateMachineArn } = await serve(singleState({ Type: 'Pass' }), {}, { clock });
  const startNamed = (): { executionArn: string } => engine.startExecution({ stateMachineArn, name: 'one' });
  const { executionArn } = startNamed();
  await engine.settled(executionArn);

  nowMs += 90 * DAY_MS - 1;
  expect(startNamed).toThrow('Execution Already Exists');
  expect((await client.send(new GetExecutionHistoryCommand({ executionArn }))).events).toHaveLength(4);
  nowMs += 1;
  await expect(client.send(new DescribeExecutionCommand({ executionArn }))).rejects.toMatchObject({
    name: 'ExecutionDoesNotExist',
  });
  expect(startNamed()).toEqual({ executionArn });
  const described = await client.send(new DescribeExecutionCommand({ executionArn }));
  expect(described.startDate?.getTime()).toBe(nowMs);
});

import { RedriveExecutionCommand } from '@aws-sdk/client-sfn';
import { functionArn, functionError, type Lambda } from '../../src/testing/step-functions';
import type { serve } from './served-engine';

export const task = (fields: object = {}): object => ({
  Type: 'Task',
  Resource: functionArn('work'),
  ...fields,
});

/** Returns a function that fails for the given payloads until `recover` is called. */
export function failingFor(...failing: unknown[]): { work: Lambda; recover: () => void; calls: unknown[] } {
  const calls: unknown[] = [];
  return {
    calls,
    recover: () => void failing.splice(0),
    work: (payload) => {
      calls.push(payload);
      if (failing.includes(payload)) throw functionError('Broken');
      return payload;
    },
  };
}

export type Served = Awaited<ReturnType<typeof serve>>;

/** Starts an execution and waits until it fails. */
export async function startFailingExecution(
  { engine, stateMachineArn }: Served,
  input: unknown,
): Promise<string> {
  const { executionArn } = engine.startExecution({ stateMachineArn, name: 'one', input });
  expect((await engine.settled(executionArn)).status).toBe('FAILED');
  return executionArn;
}

/** Redrives the execution. Returns its output, or its outcome if it did not succeed. */
export async function redriveToEnd({ client, engine }: Served, executionArn: string): Promise<unknown> {
  await client.send(new RedriveExecutionCommand({ executionArn }));
  const outcome = await engine.settled(executionArn);
  return outcome.output === undefined ? outcome : (JSON.parse(outcome.output) as unknown);
}

export const typesOf = ({ engine }: Served, executionArn: string): string[] =>
  engine.inspect(executionArn).events.map(({ type }) => type);

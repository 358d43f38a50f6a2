import { RedriveExecutionCommand } from '@aws-sdk/client-sfn';
import { functionArn, functionError, type Lambda } from '../../src/testing/step-functions';
import type { serve } from './served-engine';

export const task = (fields: object = {}): object => ({
  Type: 'Task',
  Resource: functionArn('work'),
  ...fields,
});

/** Fails for the payloads on the list, until they are healed. */
export function failingFor(...bad: unknown[]): { work: Lambda; recover: () => void; calls: unknown[] } {
  const calls: unknown[] = [];
  return {
    calls,
    recover: () => void bad.splice(0),
    work: (payload) => {
      calls.push(payload);
      if (bad.includes(payload)) throw functionError('Broken');
      return payload;
    },
  };
}

export type Served = Awaited<ReturnType<typeof serve>>;

/** Starts one execution, which fails. */
export async function startFailingExecution(
  { engine, stateMachineArn }: Served,
  input: unknown,
): Promise<string> {
  const { executionArn } = engine.startExecution({ stateMachineArn, name: 'one', input });
  expect((await engine.settled(executionArn)).status).toBe('FAILED');
  return executionArn;
}

/** Redrives it; its output, or how else it ended. */
export async function redriveToEnd({ client, engine }: Served, executionArn: string): Promise<unknown> {
  await client.send(new RedriveExecutionCommand({ executionArn }));
  const outcome = await engine.settled(executionArn);
  return outcome.output === undefined ? outcome : (JSON.parse(outcome.output) as unknown);
}

export const typesOf = ({ engine }: Served, executionArn: string): string[] =>
  engine.inspect(executionArn).events.map(({ type }) => type);

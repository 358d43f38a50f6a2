import { SFNClient } from '@aws-sdk/client-sfn';
import type { StepFunctions } from '../../src/step-functions';
import { systemClock } from '../../src/step-functions/clock';
import {
  closeTestStepFunctions,
  startTestStepFunctions,
  type Lambda,
} from '../../src/testing/step-functions';

const clients: SFNClient[] = [];

/** Closes all clients and engines of the test. Call it in afterEach. */
export async function closeServed(): Promise<void> {
  clients.splice(0).forEach((client) => client.destroy());
  await closeTestStepFunctions();
}

/** Creates a client, which {@link closeServed} closes. */
export function clientOf({ url }: StepFunctions): SFNClient {
  const credentials = { accessKeyId: 'key', secretAccessKey: 'secret' };
  const client = new SFNClient({ endpoint: url, region: 'eu-west-1', credentials, maxAttempts: 1 });
  clients.push(client);
  return client;
}

/** Starts an engine on the system clock, with one state machine and a client. */
export async function serve(
  definition: object,
  lambdas: Record<string, Lambda> = {},
  options: Parameters<typeof startTestStepFunctions>[1] = {},
): Promise<{ engine: StepFunctions; client: SFNClient; stateMachineArn: string }> {
  const engine = await startTestStepFunctions(lambdas, { clock: systemClock, ...options });
  return { engine, client: clientOf(engine), ...engine.createStateMachine({ name: 'served', definition }) };
}

import { SFNClient } from '@aws-sdk/client-sfn';
import type { StepFunctions } from '../../src/step-functions';
import { systemClock } from '../../src/step-functions/clock';
import { closeAll, start, type Lambda } from '../../src/testing/step-functions';

const clients: SFNClient[] = [];

/** To be called in afterEach. */
export async function closeServed(): Promise<void> {
  clients.splice(0).forEach((client) => client.destroy());
  await closeAll();
}

/** Closed by {@link closeServed}. */
export function clientOf({ url }: StepFunctions): SFNClient {
  const credentials = { accessKeyId: 'key', secretAccessKey: 'secret' };
  const client = new SFNClient({ endpoint: url, region: 'eu-west-1', credentials, maxAttempts: 1 });
  clients.push(client);
  return client;
}

/** An engine in real time with one machine, and a client of it. */
export async function serve(
  definition: object,
  lambdas: Record<string, Lambda> = {},
  options: Parameters<typeof start>[1] = {},
): Promise<{ engine: StepFunctions; client: SFNClient; stateMachineArn: string }> {
  const engine = await start(lambdas, { clock: systemClock, ...options });
  return { engine, client: clientOf(engine), ...engine.createStateMachine({ name: 'served', definition }) };
}

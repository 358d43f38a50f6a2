import { requireSmall } from '../errors';
import { data } from '../history';
import type { Json } from '../json';
import type { Visit } from '../state-kind';
import type { Integration, TaskEvents } from './integration';

/**
 * Calls the service, and waits for the task's token or the end of the job. Heartbeats count from the service's answer,
 * as a running Lambda is not expected to send any. A token that comes before the answer ends the task all the same.
 */
export async function callAndWait(
  visit: Visit,
  taskToken: string,
  integration: Integration,
  events: TaskEvents,
  heartbeatMs: number,
  signal: AbortSignal,
): Promise<Json> {
  const wait = visit.engine.tokens.wait(taskToken);
  let over = false;
  const waitOn = async (): Promise<Json> => {
    const response = await integration.call(visit, signal);
    if (over || signal.aborted) return null;
    requireSmall(response, integration.label(visit));
    recordSubmitted(visit, events, response);
    const ends = [wait.result];
    if (integration.job) ends.push(integration.job(visit, response, signal));
    if (heartbeatMs !== Infinity) ends.push(wait.heartbeats(heartbeatMs, signal));
    // Those that come second find nobody waiting.
    for (const end of ends) end.catch(() => undefined);
    return Promise.race(ends);
  };
  try {
    const waited = waitOn();
    waited.catch(() => undefined);
    return await Promise.race([wait.result, waited]);
  } finally {
    over = true;
    wait.close();
  }
}

function recordSubmitted({ thread }: Visit, { submitted }: TaskEvents, response: Json): void {
  if (!submitted) return;
  const details = submitted(data('output', JSON.stringify(response)));
  thread.previousEventId = thread.execution.add('TaskSubmitted', thread.previousEventId, details);
}

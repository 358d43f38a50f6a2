import { requireWithinDataLimit } from '../errors';
import { data } from '../history';
import type { Json } from '../json';
import type { StateAttempt } from '../state-type';
import type { Integration, TaskEvents } from './integration';

/**
 * Calls the service, and waits for the task's token or the end of the job. Heartbeats count from the service's answer,
 * as a running Lambda is not expected to send any. A token that comes before the answer ends the task all the same.
 */
export async function callAndWait(
  attempt: StateAttempt,
  taskToken: string,
  integration: Integration,
  events: TaskEvents,
  heartbeatMs: number,
  signal: AbortSignal,
): Promise<Json> {
  const wait = attempt.engine.tokens.wait(taskToken);
  let over = false;
  const waitOn = async (): Promise<Json> => {
    const response = await integration.call(attempt, signal);
    if (over || signal.aborted) return null;
    requireWithinDataLimit(response, integration.label(attempt));
    recordSubmitted(attempt, events, response);
    const ends = [wait.result];
    if (integration.job) ends.push(integration.job(attempt, response, signal));
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

function recordSubmitted({ thread }: StateAttempt, { submitted }: TaskEvents, response: Json): void {
  if (!submitted) return;
  const details = submitted(data('output', JSON.stringify(response)));
  thread.previousEventId = thread.execution.add('TaskSubmitted', thread.previousEventId, details);
}

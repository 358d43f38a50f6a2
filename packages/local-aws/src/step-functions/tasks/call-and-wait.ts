import { requireWithinDataLimit } from '../errors';
import { toText } from '../json';
import { dataDetails } from '../history';
import type { Json } from '../json';
import type { StateAttempt } from '../state-type';
import type { Integration, TaskEvents } from './integration';

/**
 * Calls the service, then waits for the task token or the end of the job. The heartbeat interval starts with the
 * service's response, because a running function need not send heartbeats. A result sent earlier also ends the task.
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
  let ended = false;
  const callThenWait = async (): Promise<Json> => {
    const response = await integration.call(attempt, signal);
    if (ended || signal.aborted) return null;
    requireWithinDataLimit(response, integration.label(attempt));
    recordSubmitted(attempt, events, response);
    const ends = [wait.result];
    if (integration.job) ends.push(integration.job(attempt, response, signal));
    if (heartbeatMs !== Infinity) ends.push(wait.heartbeats(heartbeatMs, signal));
    // The race ignores later rejections; without a handler they would end the process.
    for (const end of ends) end.catch(() => undefined);
    return Promise.race(ends);
  };
  try {
    const waited = callThenWait();
    waited.catch(() => undefined);
    return await Promise.race([wait.result, waited]);
  } finally {
    ended = true;
    wait.close();
  }
}

function recordSubmitted({ thread }: StateAttempt, { submitted }: TaskEvents, response: Json): void {
  if (!submitted) return;
  const details = submitted(dataDetails('output', toText(response)));
  thread.previousEventId = thread.execution.add('TaskSubmitted', thread.previousEventId, details);
}

import { Halted, requireWithinDataLimit, RuntimeFailure, StateFailure, STATES } from '../errors';
import { dataDetails, failureDetails } from '../history';
import { type Json, textOf, toText } from '../json';
import { LIMITS } from '../limits';
import type { StateType, StateAttempt } from '../state-type';
import type { Integration, TaskEvents } from '../tasks/integration';
import { lambdaFunction } from '../tasks/lambda-function';
import { lambdaInvoke } from '../tasks/lambda-invoke';
import { sdkStartExecution, startExecution, startExecutionSync } from '../tasks/start-execution';
import { stopExecution } from '../tasks/stop-execution';
import { callAndWait } from '../tasks/call-and-wait';
import { numberAt } from './number-fields';

const INTEGRATIONS: readonly Integration[] = [
  lambdaInvoke,
  lambdaFunction,
  startExecution,
  startExecutionSync,
  sdkStartExecution,
  stopExecution,
];

const integrationOf = (resource: unknown): Integration | undefined =>
  typeof resource === 'string' ? INTEGRATIONS.find((each) => each.matches(resource)) : undefined;

export const task: StateType = {
  abortable: true,
  // The integration checks Parameters.
  commonFields: {
    transition: true,
    paths: true,
    parameters: false,
    resultSelector: true,
    resultPath: true,
    errors: true,
    assign: true,
  },
  check(fields) {
    fields.requireField('Resource');
    const resource = fields.string('Resource');
    const integration = integrationOf(resource);
    if (integration) integration.check(fields);
    else if (resource !== undefined) fields.addProblem(`Resource '${resource}' is not supported`);
    const timeout = fields.number('TimeoutSeconds', 1, LIMITS.secondsMax);
    const heartbeat = fields.number('HeartbeatSeconds', 1, LIMITS.secondsMax);
    if (timeout !== undefined && heartbeat !== undefined && heartbeat >= timeout) {
      fields.addProblem('HeartbeatSeconds must be less than TimeoutSeconds');
    }
    for (const name of ['TimeoutSeconds', 'HeartbeatSeconds']) {
      fields.path(`${name}Path`, { reference: true });
      fields.requireExclusive([name, `${name}Path`]);
    }
  },
  async run(attempt) {
    const integration = integrationOf(attempt.state['Resource']);
    if (!integration)
      throw new RuntimeFailure(`Resource '${textOf(attempt.state['Resource'])}' is not supported`);
    requireWithinDataLimit(attempt.payload, attempt.name);
    const timeoutInSeconds = secondsAt(attempt, 'TimeoutSeconds');
    const heartbeatInSeconds = secondsAt(attempt, 'HeartbeatSeconds');
    const events = integration.events(attempt, {
      ...(timeoutInSeconds === undefined ? {} : { timeoutInSeconds }),
      ...(heartbeatInSeconds === undefined ? {} : { heartbeatInSeconds }),
    });
    const { thread } = attempt;
    thread.previousEventId = thread.execution.add(
      `${events.prefix}Scheduled`,
      thread.previousEventId,
      events.scheduled,
    );
    thread.previousEventId = thread.execution.add(
      `${events.prefix}Started`,
      thread.previousEventId,
      events.started,
    );
    try {
      const result = await callWithTimeout(attempt, integration, events, {
        timeoutInSeconds,
        heartbeatInSeconds,
      });
      thread.scope.throwIfHalted();
      requireWithinDataLimit(result, integration.label(attempt));
      const succeeded = events.succeeded(dataDetails('output', toText(result)));
      thread.previousEventId = thread.execution.add(
        `${events.prefix}Succeeded`,
        thread.previousEventId,
        succeeded,
      );
      return { result };
    } catch (error) {
      throw recordFailure(attempt, events, error);
    }
  },
};

function secondsAt(attempt: StateAttempt, name: string): number | undefined {
  const seconds = numberAt(attempt, name, 'integer');
  if (seconds === undefined || (seconds >= 1 && seconds <= LIMITS.secondsMax)) return seconds;
  throw new RuntimeFailure(`${name} must be from 1 to ${LIMITS.secondsMax}, not ${seconds}.`);
}

interface TaskTimeouts {
  readonly timeoutInSeconds: number | undefined;
  readonly heartbeatInSeconds: number | undefined;
}

async function callWithTimeout(
  attempt: StateAttempt,
  integration: Integration,
  events: TaskEvents,
  { timeoutInSeconds = Infinity, heartbeatInSeconds = Infinity }: TaskTimeouts,
): Promise<Json> {
  const { taskToken, thread, engine } = attempt;
  const waits = taskToken !== undefined;
  // Without a task token no heartbeat can be sent, so the first one is always missed.
  const seconds = waits ? timeoutInSeconds : Math.min(timeoutInSeconds, heartbeatInSeconds);
  return thread.scope.race(async (signal) => {
    const work = waits
      ? callAndWait(attempt, taskToken, integration, events, heartbeatInSeconds * 1000, signal)
      : integration.call(attempt, signal);
    if (seconds === Infinity) return work;
    // A late failure of abandoned work must not end the process.
    work.catch(() => undefined);
    const timeout = engine.clock.wait(seconds * 1000, signal).then((): never => {
      const otherName = seconds < timeoutInSeconds ? [STATES.heartbeatTimeout] : [];
      throw new StateFailure(STATES.timeout, undefined, otherName);
    });
    timeout.catch(() => undefined);
    return Promise.race([work, timeout]);
  });
}

function recordFailure({ thread }: StateAttempt, events: TaskEvents, error: unknown): Error {
  // A branch that has been aborted records nothing more.
  thread.scope.throwIfHalted();
  if (error instanceof Halted) return error;
  const failure = error instanceof StateFailure ? error : failureFromHost(error);
  const details = failureDetails(failure.error, failure.causeText);
  const timedOut = failure.error === STATES.timeout;
  const event = timedOut ? events.timedOut(details) : events.failed(details);
  const type = `${events.prefix}${timedOut ? 'TimedOut' : 'Failed'}`;
  thread.previousEventId = thread.execution.add(type, thread.previousEventId, event);
  return failure;
}

function failureFromHost(error: unknown): StateFailure {
  if (error instanceof Error) return new StateFailure(error.name, error.message);
  return new StateFailure('Error', String(error));
}

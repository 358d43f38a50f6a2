import type { Clock } from './clock';
import { STATES, StateFailure } from './errors';
import type { Json } from './json';
import { parseData } from './json-text';
import { LIMITS } from './limits';
import { ServiceError } from './service/service-error';

/** A task that waits for its task token. */
interface WaitingTask {
  lastHeartbeatMs: number;
  settle(result: { output: Json } | { failure: StateFailure }): void;
}

export interface TokenWait {
  /** Resolves with the output of SendTaskSuccess; rejects with StateFailure on SendTaskFailure. */
  readonly result: Promise<Json>;
  /** Rejects with StateFailure when a heartbeat is missed; never resolves. The interval starts with the call. */
  heartbeats(heartbeatMs: number, signal: AbortSignal): Promise<never>;
  /** Stops waiting and invalidates the token. */
  close(): void;
}

/** Issues task tokens and delivers the results that are sent with them. A token can be used once. */
export class TaskTokens {
  private readonly waiting = new Map<string, WaitingTask>();
  /** Prefix of every token, which distinguishes used tokens from invalid ones. */
  private readonly prefix: string;

  constructor(
    private readonly clock: Clock,
    private readonly newUuid: () => string,
    region: string,
    account: string,
  ) {
    this.prefix = `task ${account} ${region} `;
  }

  /** Returns a new opaque token of at most 2,048 characters. Each attempt of a task has its own. */
  issue(): string {
    return Buffer.from(`${this.prefix}${this.newUuid()}`).toString('base64');
  }

  wait(token: string): TokenWait {
    let settle: WaitingTask['settle'] = () => undefined;
    const result = new Promise<Json>((resolve, reject) => {
      settle = (sent) => ('output' in sent ? resolve(sent.output) : reject(sent.failure));
    });
    result.catch(() => undefined);
    const waiting: WaitingTask = { lastHeartbeatMs: this.clock.nowMs(), settle };
    this.waiting.set(token, waiting);
    return {
      result,
      heartbeats: (heartbeatMs, signal) => this.heartbeats(waiting, heartbeatMs, signal),
      close: () => void this.waiting.delete(token),
    };
  }

  /** Throws InvalidToken, TaskTimedOut, InvalidOutput, ValidationException. */
  succeed(token: string, output: string): void {
    this.requireWaiting(token);
    const value = parsed(output);
    this.takeWaiting(token).settle({ output: value });
  }

  /** Throws InvalidToken, TaskTimedOut. */
  fail(token: string, error: string | undefined, cause: string | undefined): void {
    this.takeWaiting(token).settle({ failure: new StateFailure(error, cause) });
  }

  /** Throws InvalidToken, TaskTimedOut. */
  heartbeat(token: string): void {
    this.requireWaiting(token).lastHeartbeatMs = this.clock.nowMs();
  }

  private takeWaiting(token: string): WaitingTask {
    const waiting = this.requireWaiting(token);
    this.waiting.delete(token);
    return waiting;
  }

  private requireWaiting(token: string): WaitingTask {
    if (token.length < 1 || token.length > LIMITS.taskTokenLengthMax) {
      throw new ServiceError(
        'ValidationException',
        `'taskToken' has ${token.length} characters; it must have 1 to ${LIMITS.taskTokenLengthMax}`,
      );
    }
    const found = this.waiting.get(token);
    if (found) return found;
    if (Buffer.from(token, 'base64').toString().startsWith(this.prefix)) {
      throw new ServiceError('TaskTimedOut', 'Task Timed Out: The task was closed, or the token has expired');
    }
    throw new ServiceError('InvalidToken', 'Invalid Token: the token was not issued by this engine');
  }

  private async heartbeats(waiting: WaitingTask, heartbeatMs: number, signal: AbortSignal): Promise<never> {
    waiting.lastHeartbeatMs = this.clock.nowMs();
    for (;;) {
      const leftMs = waiting.lastHeartbeatMs + heartbeatMs - this.clock.nowMs();
      if (leftMs <= 0 || signal.aborted) {
        throw new StateFailure(STATES.timeout, undefined, [STATES.heartbeatTimeout]);
      }
      await this.clock.wait(leftMs, signal);
    }
  }
}

function parsed(output: string): Json {
  const bytes = Buffer.byteLength(output, 'utf8');
  if (bytes > LIMITS.dataBytesMax) {
    throw new ServiceError(
      'ValidationException',
      `The output has ${bytes} bytes; the limit is ${LIMITS.dataBytesMax}`,
    );
  }
  try {
    return parseData(output);
  } catch (error) {
    throw new ServiceError('InvalidOutput', `Invalid Output: '${(error as Error).message}'`);
  }
}

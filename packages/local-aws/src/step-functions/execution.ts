import type { Clock } from './clock';
import { Halted } from './errors';
import type { Details, HistoryEvent } from './history';
import { dataDetails, failureDetails, History } from './history';
import type { Json } from './json';
import type { Progress } from './progress';
import type { ExecutionRecord, Outcome } from './records';
import { Scope } from './scope';

export interface ExecutionHooks {
  onEvent(event: HistoryEvent): void;
  onClose(outcome: Outcome): void;
}

/** A thread of control within an execution: its own states, a branch or an inline iteration. */
export interface Thread {
  readonly execution: Execution;
  readonly scope: Scope;
  previousEventId: number;
  readonly progress: Progress;
  /** The state that the thread has entered, until it has exited or its own failure is recorded. */
  openState?: OpenState | undefined;
}

export interface OpenState {
  readonly type: string;
  /** Whether a `…StateAborted` event exists for the type. */
  readonly abortable: boolean;
  /** The branches or inline iterations that run, by their index. */
  branches: ReadonlyMap<number, Branch>;
}

export interface Branch {
  readonly thread: Thread;
  readonly recordAborted: (afterEventId: number) => void;
}

type Closing =
  | { status: 'SUCCEEDED'; output: string }
  | { status: 'FAILED' | 'ABORTED' | 'TIMED_OUT'; error?: string | undefined; cause?: string | undefined };

/** A running execution since its start or last redrive. Only this class closes an execution. */
export class Execution {
  readonly scope = new Scope();
  readonly settled: Promise<Outcome>;
  private readonly history: History;
  /** The id of the event that the first state follows. */
  readonly firstEventId: number;
  private resolveSettled: (outcome: Outcome) => void = () => undefined;
  private terminating = false;

  constructor(
    readonly record: ExecutionRecord & { readonly events: HistoryEvent[] },
    /** The state machine's role; for children of a Map Run, the parent's. */
    readonly roleArn: string,
    readonly stateMachineName: string,
    readonly input: Json,
    private readonly clock: Clock,
    private readonly hooks: ExecutionHooks,
  ) {
    this.history = new History(
      record.events,
      () => clock.nowMs(),
      (event) => hooks.onEvent(event),
    );
    this.settled = new Promise((resolve) => {
      this.resolveSettled = resolve;
    });
    this.firstEventId = this.recordStart();
  }

  private recordStart(): number {
    const { events, input, redriveCount } = this.record;
    if (events.length > 0) {
      const details = ['executionRedrivenEventDetails', { redriveCount }] as const;
      return this.history.add('ExecutionRedriven', events.length, details);
    }
    const started = { ...dataDetails('input', input), roleArn: this.roleArn };
    this.history.add('ExecutionStarted', 0, ['executionStartedEventDetails', started]);
    return 0;
  }

  /** Aborts the execution at its next transition, because its state machine is being deleted. */
  terminate(): void {
    this.terminating = true;
  }

  /** Ends a terminating execution. Called at each transition. Throws {@link Halted}. */
  haltIfTerminating(): void {
    if (!this.terminating) return;
    this.close({ status: 'ABORTED', cause: 'The state machine was deleted.' });
    throw new Halted();
  }

  get open(): boolean {
    return this.record.outcome === undefined;
  }

  /** Adds an event and returns its id. As in AWS, a full history fails the execution; then throws {@link Halted}. */
  add(type: string, previousEventId: number, details?: Details): number {
    if (!this.open) throw new Halted();
    if (this.history.isFullFor(type)) {
      const cause = 'The execution reached the maximum number of history events (25000).';
      this.close({ status: 'FAILED', error: 'States.Runtime', cause }, previousEventId);
      throw new Halted();
    }
    return this.history.add(type, previousEventId, details);
  }

  /** Closes the execution unless it is already closed. Work in flight continues, but its result is ignored. */
  close(closing: Closing, previousEventId = 0): void {
    if (!this.open) return;
    const { status, ...rest } = closing;
    this.history.add(...closingEvent(closing, previousEventId));
    const defined = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
    const outcome: Outcome = { status, stopMs: this.clock.nowMs(), ...defined };
    this.record.outcome = outcome;
    this.hooks.onClose(outcome);
    this.scope.halt(new Halted());
    this.resolveSettled(outcome);
  }
}

function closingEvent(closing: Closing, previousEventId: number): [string, number, Details] {
  switch (closing.status) {
    case 'SUCCEEDED': {
      const output = dataDetails('output', closing.output);
      return ['ExecutionSucceeded', previousEventId, ['executionSucceededEventDetails', output]];
    }
    case 'FAILED': {
      const details = failureDetails(closing.error, closing.cause);
      return ['ExecutionFailed', previousEventId, ['executionFailedEventDetails', details]];
    }
    case 'TIMED_OUT': {
      const details = failureDetails(closing.error, closing.cause);
      return ['ExecutionTimedOut', previousEventId, ['executionTimedOutEventDetails', details]];
    }
    case 'ABORTED': {
      const details = failureDetails(closing.error, closing.cause);
      return ['ExecutionAborted', previousEventId, ['executionAbortedEventDetails', details]];
    }
  }
}

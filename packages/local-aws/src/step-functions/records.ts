import type { HistoryEvent } from './history';

export type ExecutionStatus =
  'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED' | 'PENDING_REDRIVE';

/** How an execution ended. */
export interface Outcome {
  readonly status: Exclude<ExecutionStatus, 'RUNNING' | 'PENDING_REDRIVE'>;
  readonly stopMs: number;
  /** JSON text; only of a successful execution. */
  readonly output?: string;
  readonly error?: string;
  readonly cause?: string;
}

/** Returns the error for descriptions. As recorded on AWS, only the history contains the error of a timeout. */
export const visibleError = ({ status, error }: Outcome): string | undefined =>
  status === 'TIMED_OUT' ? undefined : error;

/** One execution with its history. */
export interface ExecutionRecord {
  readonly executionArn: string;
  /** Without a version or an alias. */
  readonly stateMachineArn: string;
  /** The version that was started, directly or through an alias. */
  readonly stateMachineVersionArn?: string;
  /** The alias that was started. */
  readonly stateMachineAliasArn?: string;
  readonly name: string;
  /** JSON text. */
  readonly input: string;
  readonly startMs: number;
  /** Order of starts within one state directory. */
  readonly sequence: number;
  /** Set only for a child workflow execution. */
  readonly mapRunArn?: string;
  readonly itemCount?: number;
  outcome?: Outcome | undefined;
  redriveCount?: number;
  /** Time of the last redrive. */
  redriveMs?: number;
  /** The outcome before the last redrive, which descriptions still show during `describeLagMs`. */
  previousOutcome?: Outcome | undefined;
  /** Whether the Map Run has still to redrive this child. */
  pendingRedrive?: boolean;
  readonly events: readonly HistoryEvent[];
}

export const statusOf = (record: ExecutionRecord): ExecutionStatus =>
  record.pendingRedrive ? 'PENDING_REDRIVE' : (record.outcome?.status ?? 'RUNNING');

export interface MapRunCounts {
  pending: number;
  running: number;
  succeeded: number;
  failed: number;
  timedOut: number;
  aborted: number;
  total: number;
  failuresNotRedrivable: number;
  pendingRedrive: number;
}

export interface MapRunRecord {
  readonly mapRunArn: string;
  /** The parent execution. */
  readonly executionArn: string;
  /** The qualified ARN of the children: `<state machine ARN>/<label>`. */
  readonly stateMachineArn: string;
  readonly startMs: number;
  readonly sequence: number;
  maxConcurrency: number;
  toleratedFailureCount: number;
  toleratedFailurePercentage: number;
  status: 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'ABORTED';
  stopMs?: number | undefined;
  redriveCount?: number;
  redriveMs?: number;
  readonly itemCounts: MapRunCounts;
  readonly executionCounts: MapRunCounts;
}

import type { HistoryEvent } from './history';

export type ExecutionStatus =
  'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED' | 'PENDING_REDRIVE';

/** How an execution ended. */
export interface Outcome {
  readonly status: Exclude<ExecutionStatus, 'RUNNING' | 'PENDING_REDRIVE'>;
  readonly stopMs: number;
  /** JSON text; of a success only. */
  readonly output?: string;
  readonly error?: string;
  readonly cause?: string;
}

/** What descriptions tell of the error: that of a timeout is in the history only, as recorded on AWS. */
export const describedError = ({ status, error }: Outcome): string | undefined =>
  status === 'TIMED_OUT' ? undefined : error;

/** What is known of one execution; all that is persisted of it, besides its history. */
export interface ExecutionRecord {
  readonly executionArn: string;
  readonly stateMachineArn: string;
  readonly name: string;
  /** JSON text. */
  readonly input: string;
  readonly startMs: number;
  /** Order of starting within this engine and its state directory. */
  readonly sequence: number;
  /** Of a child of a Distributed Map. */
  readonly mapRunArn?: string;
  readonly itemCount?: number;
  outcome?: Outcome | undefined;
  redriveCount?: number;
  /** When it was redriven last. */
  redriveMs?: number;
  /** What it was before it was redriven last; seen for as long as news take. */
  previousOutcome?: Outcome | undefined;
  /** A child that its Map Run has yet to redrive. */
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
  /** The parent's. */
  readonly executionArn: string;
  /** Of the children: `<state machine ARN>/<label>`. */
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

import type { HistoryEvent } from './history';

export type ExecutionStatus = 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED';

/** How an execution ended. */
export interface Outcome {
  readonly status: Exclude<ExecutionStatus, 'RUNNING'>;
  readonly stopMs: number;
  /** JSON text; of a success only. */
  readonly output?: string;
  readonly error?: string;
  readonly cause?: string;
}

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
  outcome?: Outcome;
  readonly events: readonly HistoryEvent[];
}

export const statusOf = (record: ExecutionRecord): ExecutionStatus => record.outcome?.status ?? 'RUNNING';

export interface MapRunCounts {
  pending: number;
  running: number;
  succeeded: number;
  failed: number;
  timedOut: number;
  aborted: number;
  total: number;
}

export interface MapRunRecord {
  readonly mapRunArn: string;
  /** The parent's. */
  readonly executionArn: string;
  /** Of the children: `<state machine ARN>/<label>`. */
  readonly stateMachineArn: string;
  readonly startMs: number;
  readonly sequence: number;
  readonly maxConcurrency: number;
  readonly toleratedFailureCount: number;
  readonly toleratedFailurePercentage: number;
  status: 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'ABORTED';
  stopMs?: number;
  readonly itemCounts: MapRunCounts;
  readonly executionCounts: MapRunCounts;
}

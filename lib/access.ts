import type { Side } from '../src/contract/sides';
import type { FunctionName } from '../src/contract/names';

/** Logins of an endpoint whose secret a function may read. */
export type Login = 'owner' | 'worker';

/** What a function may touch besides the control table, which every function reads and writes. */
export interface Access {
  /** @default the source database is out of reach */
  readonly source?: readonly Login[];
  /** @default the target database is out of reach */
  readonly target?: readonly Login[];
  /** Whether it may ask for the status of executions of `Migration`. @default false */
  readonly describesMigrations?: boolean;
  /** Whether it may ask for the status of executions of `Sync`. @default false */
  readonly describesSyncs?: boolean;
  /** Where it may try statements in a transaction that is rolled back. @default nowhere */
  readonly triesAt?: readonly Side[];
  /** Whether it may delete items of the control table: refused rows that are judged anew. @default false */
  readonly deletesItems?: boolean;
}

const WORKER = ['worker'] as const;
const OWNER = ['owner'] as const;
const BOTH_LOGINS = ['owner', 'worker'] as const;

/** The one place that says who may touch what; every grant is derived from it. */
export const ACCESS: Readonly<Record<FunctionName, Access>> = {
  begin: { describesMigrations: true, deletesItems: true },
  preflight: { source: BOTH_LOGINS, target: BOTH_LOGINS, triesAt: ['source', 'target'] },
  prepare: { source: BOTH_LOGINS, target: BOTH_LOGINS },
  startCapture: { source: BOTH_LOGINS, target: WORKER, triesAt: ['source'] },
  fenceSource: { source: WORKER },
  plan: { source: WORKER, target: WORKER, triesAt: ['source'] },
  nextWave: {},
  copyChunk: { source: WORKER, target: WORKER },
  verifyChunk: { source: WORKER, target: WORKER },
  judge: { deletesItems: true },
  nextSync: { source: WORKER, describesSyncs: true },
  applyChanges: { source: WORKER, target: WORKER, deletesItems: true },
  catchUp: { source: WORKER, target: WORKER },
  drain: { source: WORKER },
  verifyFenced: { source: WORKER, target: WORKER, deletesItems: true },
  cancelFence: { source: WORKER },
  seal: { source: WORKER, target: WORKER },
  flip: {},
  openTarget: { target: WORKER },
  stopCapture: { source: OWNER },
  recordFailure: {},
  revoke: { source: WORKER, target: WORKER },
  undo: { source: BOTH_LOGINS, target: OWNER },
};

/** What every handler does with the control table: single items, and reads by key. Never a Scan. */
export const CONTROL_TABLE_ACTIONS = [
  'dynamodb:GetItem',
  'dynamodb:PutItem',
  'dynamodb:Query',
  'dynamodb:UpdateItem',
];

/** What `deletesItems` adds. */
export const DELETE_ACTIONS = ['dynamodb:DeleteItem'];

/**
 * What every handler with a database does with the Data API. BatchExecuteStatement is absent: it returns no row counts, so
 * it cannot carry a fence. A statement that writes is a transaction of its own.
 */
export const DATA_API_ACTIONS = ['rds-data:ExecuteStatement'];

/** What `triesAt` adds. CommitTransaction is absent: what is tried is never kept. */
export const TRY_ACTIONS = ['rds-data:BeginTransaction', 'rds-data:RollbackTransaction'];

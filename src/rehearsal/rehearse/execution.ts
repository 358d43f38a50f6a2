import { Screen, type ScreenOutput } from '../screen/screen';
import type { WritersProgress } from '../screen/progress';
import type { Denials } from './access';
import type { ExecutionState, LedgerReport, Operator, Ports } from './ports';

export interface WatchedExecution {
  readonly executionArn: string;
  readonly state: ExecutionState;
  /** Rows that earlier executions had copied. */
  readonly rowsBefore: number;
}

/** The application that writes during the migration. */
export interface Writers {
  writersProgress(): Promise<WritersProgress>;
}

interface WatchOptions {
  /** Null if no application writes. */
  readonly writers: Writers | null;
  readonly denials: Pick<Denials, 'shouldStopWaiting'>;
}

const POLL_MS = 400;
/** DescribeExecution may not know a new execution yet; after this time, the execution does not exist. */
const UNKNOWN_MS_MAX = 30_000;

/**
 * Starts or resumes the migration, and watches it until the execution ends, or cannot finish because a call was denied.
 * Returns null if the migration is already done.
 */
export async function runMigration(
  operator: Operator,
  migration: string,
  screen: ScreenOutput,
  ports: Ports,
  others: WatchOptions,
): Promise<WatchedExecution | null> {
  const before = await operator.report(migration);
  if (before?.record.status === 'done') {
    ports.note(`migration ${migration} is already done`);
    return null;
  }
  const executionArn = await (before === null || before.record.status === 'aborted'
    ? operator.startMigration({ migration })
    : operator.resumeMigration(before.record));
  ports.note(`${before === null ? 'started' : 'resumed'} ${executionArn}`);
  const state = await watch(operator, { migration, executionArn }, new Screen(screen), ports, others);
  return { executionArn, state, rowsBefore: rowsOf(before) };
}

async function watch(
  operator: Operator,
  { migration, executionArn }: { readonly migration: string; readonly executionArn: string },
  screen: Screen,
  ports: Ports,
  { writers, denials }: WatchOptions,
): Promise<ExecutionState> {
  const startedAtMs = ports.now();
  for (;;) {
    const state = await operator.describe(executionArn);
    const report = await operator.report(migration);
    if (report !== null) {
      const { record, tables, sync } = report;
      screen.show(
        { ...record, tables, sync, writers: (await writers?.writersProgress()) ?? null },
        ports.now(),
      );
    }
    // Called in every round, because it also reports new denials.
    const isBlocked = await denials.shouldStopWaiting();
    if (state !== null && (state.status !== 'RUNNING' || isBlocked)) {
      screen.end();
      return state;
    }
    if (state === null && ports.now() - startedAtMs > UNKNOWN_MS_MAX)
      throw new Error(`execution ${executionArn} was started, but Step Functions does not know it`);
    await ports.sleep(POLL_MS);
  }
}

export const rowsOf = (report: LedgerReport | null): number =>
  (report?.tables ?? []).reduce((sum, { rowsCopied }) => sum + rowsCopied, 0);

import { Screen, type ScreenOutput } from '../screen/screen';
import type { WritersStand } from '../screen/progress';
import type { Denials } from './access';
import type { ExecutionState, LedgerReport, Operator, Ports } from './ports';

export interface Watched {
  readonly executionArn: string;
  readonly state: ExecutionState;
  /** Rows that earlier executions had copied. */
  readonly rowsBefore: number;
}

/** The application that writes during the migration. */
export interface Writers {
  stand(): Promise<WritersStand>;
}

interface Others {
  /** Null without writers. */
  readonly writers: Writers | null;
  readonly denials: Pick<Denials, 'waitNoLonger'>;
}

const POLL_MS = 400;
/** An execution that was just started may not be known yet; after this it never will be. */
const UNKNOWN_MS_MAX = 30_000;

/**
 * Starts or resumes the migration, and watches until the execution has closed, or was denied something that it
 * does not end with. Null if it is done already.
 */
export async function runMigration(
  operator: Operator,
  migration: string,
  screen: ScreenOutput,
  ports: Ports,
  others: Others,
): Promise<Watched | null> {
  const before = await operator.report(migration);
  if (before?.record.status === 'done') {
    ports.note(`migration ${migration} is done already`);
    return null;
  }
  const executionArn = await operator.startMigration({ migration });
  ports.note(`${before === null ? 'started' : 'resumed'} ${executionArn}`);
  const state = await watch(operator, { migration, executionArn }, new Screen(screen), ports, others);
  return { executionArn, state, rowsBefore: rowsOf(before) };
}

async function watch(
  operator: Operator,
  { migration, executionArn }: { readonly migration: string; readonly executionArn: string },
  screen: Screen,
  ports: Ports,
  { writers, denials }: Others,
): Promise<ExecutionState> {
  const startedAtMs = ports.now();
  for (;;) {
    const state = await operator.describe(executionArn);
    const report = await operator.report(migration);
    if (report !== null) {
      const { record, tables, sync } = report;
      screen.show({ ...record, tables, sync, writers: (await writers?.stand()) ?? null }, ports.now());
    }
    // Called in every check, because it reports denials.
    const isHopeless = await denials.waitNoLonger();
    if (state !== null && (state.status !== 'RUNNING' || isHopeless)) {
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

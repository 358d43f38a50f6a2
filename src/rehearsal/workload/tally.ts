import type { Side } from '../../contract/sides';

type Count =
  | 'rolledBack'
  | 'refused'
  | 'retried'
  | 'conflicts'
  | 'responsesLost'
  | 'disconnected'
  /** Rows that a writer found different from their acknowledged state. */
  | 'rowsLost';

/** Counts of the writers' work. */
export interface Totals extends Readonly<Record<Count, number>> {
  /** Acknowledged transactions, by the side that committed them. */
  readonly acknowledged: Readonly<Record<Side, number>>;
  /** Rows that acknowledged transactions changed. */
  readonly rowsWritten: number;
  /** Acknowledged transactions by action. */
  readonly actions: Readonly<Record<string, number>>;
  /** Each writer's longest wait for one transaction, in milliseconds, without its own pauses. */
  readonly longestWaitMs: readonly number[];
  /** Errors that no application should see, and how often a writer saw them. */
  readonly failures: Readonly<Record<string, number>>;
}

export class Tally {
  private readonly counts: Record<Count, number> = {
    ...{
      rolledBack: 0,
      refused: 0,
      retried: 0,
      conflicts: 0,
      responsesLost: 0,
      disconnected: 0,
      rowsLost: 0,
    },
  };
  private readonly sides: Record<Side, number> = { source: 0, target: 0 };
  private readonly actions: Record<string, number> = {};
  private readonly failures: Record<string, number> = {};
  private readonly waits: number[] = [];
  private rows = 0;

  count(what: Count): void {
    this.counts[what] += 1;
  }

  acknowledged(side: Side, action: string, rows: number): void {
    this.sides[side] += 1;
    this.rows += rows;
    this.actions[action] = (this.actions[action] ?? 0) + 1;
  }

  waited(writer: number, ms: number): void {
    this.waits[writer] = Math.max(this.waits[writer] ?? 0, ms);
  }

  fail(what: string): void {
    this.failures[what] = (this.failures[what] ?? 0) + 1;
  }

  totals(): Totals {
    return {
      ...this.counts,
      acknowledged: { ...this.sides },
      rowsWritten: this.rows,
      actions: { ...this.actions },
      longestWaitMs: [...this.waits].map((ms) => ms ?? 0),
      failures: { ...this.failures },
    };
  }
}

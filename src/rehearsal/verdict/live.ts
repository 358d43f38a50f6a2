/** Observations of the writers during a live migration, and the reasons to doubt it. */
import { grouped } from '../screen/progress';

export interface LiveFindings {
  /** Acknowledged transactions, by the side that committed them. */
  readonly acknowledged: { readonly source: number; readonly target: number };
  readonly rowsWritten: number;
  /** Transactions that the workload rolled back on purpose. */
  readonly rolledBack: number;
  /** Attempts that the guard refused. */
  readonly refused: number;
  /** Transactions that were refused, retried and finally acknowledged. */
  readonly retried: number;
  /** Deadlocks, serialization failures and lock timeouts, which were retried. */
  readonly conflicts: number;
  /** COMMITs whose response was lost; the writer then read the outcome from the database. */
  readonly responsesLost: number;
  readonly disconnected: number;
  /** Errors that no application should see, and how often a writer saw them. */
  readonly failures: Readonly<Record<string, number>>;
  /** From the first refusal to the first write that the target acknowledged; null if it never did after a refusal. */
  readonly pauseMs: number | null;
  /** Pauses after which writes continued at the source, because the cutover was cancelled. */
  readonly cancelledPauses: number;
  /** Each writer's longest wait for one transaction, without the pauses of its workload. */
  readonly longestWaitMs: readonly number[];
  /** Rows whose expected state is known from the writers' journal. */
  readonly rowsKnown: number;
  /** Acknowledged rows that are missing or different. */
  readonly lost: number;
  /** Existing rows that were never acknowledged, or acknowledged as deleted. */
  readonly extra: number;
  readonly tables: readonly { readonly table: string; readonly lost: number; readonly extra: number }[];
  /** Rows of the source that differ from the last acknowledged write there. */
  readonly sourceDiffers: number;
  /** Descriptions of objects and rows that Sluice left on the source, except its sealed guard. */
  readonly leftovers: readonly string[];
}

export function liveDoubts(live: LiveFindings, writes: string | undefined): string[] {
  const { acknowledged, failures, tables, sourceDiffers } = live;
  return [
    ...tables.flatMap(({ table, lost, extra }) => [
      ...(lost > 0 ? [`${table}: acknowledged rows lost: ${grouped(lost)}`] : []),
      ...(extra > 0 ? [`${table}: rows that were never acknowledged: ${grouped(extra)}`] : []),
    ]),
    ...(sourceDiffers > 0
      ? [`${grouped(sourceDiffers)} rows of the source differ from what it acknowledged`]
      : []),
    ...Object.entries(failures).map(
      ([failure, times]) => `a writer got an unexpected error ${countText(times)}: ${failure}`,
    ),
    ...(acknowledged.source === 0 && acknowledged.target === 0 ? ['no write was acknowledged'] : []),
    ...(writes === 'target' && acknowledged.target === 0 ? ['the target never acknowledged a write'] : []),
    ...(writes === 'target' ? live.leftovers : []),
  ];
}

/** Formats the findings for people. */
export function liveText(live: LiveFindings): string[] {
  const { acknowledged, pauseMs, cancelledPauses } = live;
  const counts = [
    `${grouped(acknowledged.source + acknowledged.target)} transactions acknowledged (${grouped(acknowledged.target)} by the target)`,
    `${grouped(live.rolledBack)} rolled back on purpose`,
    `${grouped(live.retried)} refused and retried`,
    ...(live.conflicts > 0 ? [`${grouped(live.conflicts)} conflicts, retried`] : []),
    ...(live.responsesLost > 0 ? [`${grouped(live.responsesLost)} with a lost response`] : []),
  ];
  return [
    `writes ${pauseMs === null ? 'never paused' : `paused for ${(pauseMs / 1000).toFixed(1)} s at the cutover`}; the longest wait of a writer was ${(Math.max(0, ...live.longestWaitMs) / 1000).toFixed(1)} s`,
    ...(cancelledPauses > 0
      ? [
          `${countText(cancelledPauses)}, writes paused and then continued at the source, because the cutover was cancelled`,
        ]
      : []),
    `writers: ${counts.join(', ')}; ${grouped(live.rowsWritten)} rows written`,
    `${grouped(live.rowsKnown)} rows compared with the writers' journal: ${grouped(live.lost)} lost, ${grouped(live.extra)} extra`,
  ];
}

const countText = (count: number): string => (count === 1 ? 'once' : `${grouped(count)} times`);

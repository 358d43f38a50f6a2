/** Results of the writers during the migration, and every reason to doubt them. */
import { grouped } from '../screen/progress';

export interface LiveFindings {
  /** Acknowledged transactions, by who acknowledged them. */
  readonly acknowledged: { readonly source: number; readonly target: number };
  readonly rowsWritten: number;
  /** On purpose. */
  readonly rolledBack: number;
  /** Attempts that the guard refused. */
  readonly refused: number;
  /** Transactions that were refused at first, and acknowledged in the end. */
  readonly repeated: number;
  /** Deadlocks and the like, tried again. */
  readonly conflicts: number;
  /** COMMITs without a response; the database was queried for their outcome. */
  readonly answersLost: number;
  readonly disconnected: number;
  /** Errors that an application must never receive, and how often it did. */
  readonly failures: Readonly<Record<string, number>>;
  /** From the first refusal to the first write that the target acknowledged; null if it never did after a refusal. */
  readonly pauseMs: number | null;
  /** How often writes paused and resumed at the source: fences that were opened again. */
  readonly pausesInVain: number;
  /** The longest that each writer waited for one transaction, its own pauses aside. */
  readonly longestWaitMs: readonly number[];
  /** Rows whose state the writers know. */
  readonly rowsKnown: number;
  /** Acknowledged, but not there or different. */
  readonly lost: number;
  /** There, but never acknowledged. */
  readonly extra: number;
  readonly tables: readonly { readonly table: string; readonly lost: number; readonly extra: number }[];
  /** Rows of the source that are not as the last write there was acknowledged. */
  readonly sourceDiffers: number;
  /** Remains of Sluice on the source other than its sealed guard, in words. */
  readonly traces: readonly string[];
}

export function liveDoubts(live: LiveFindings, writes: string | undefined): string[] {
  const { acknowledged, failures, tables, sourceDiffers } = live;
  return [
    ...tables.flatMap(({ table, lost, extra }) => [
      ...(lost > 0 ? [`${table}: ${grouped(lost)} acknowledged, but lost`] : []),
      ...(extra > 0 ? [`${table}: ${grouped(extra)} there, but never acknowledged`] : []),
    ]),
    ...(sourceDiffers > 0
      ? [`${grouped(sourceDiffers)} rows of the source are not as they were acknowledged`]
      : []),
    ...Object.entries(failures).map(([what, times]) => `a writer received ${what} (${timesOf(times)})`),
    ...(acknowledged.source === 0 && acknowledged.target === 0 ? ['no write was acknowledged'] : []),
    ...(writes === 'target' && acknowledged.target === 0 ? ['the target never acknowledged a write'] : []),
    ...(writes === 'target' ? live.traces : []),
  ];
}

/** Lines for the page. */
export function liveText(live: LiveFindings): string[] {
  const { acknowledged, pauseMs, pausesInVain } = live;
  const counts = [
    `${grouped(acknowledged.source + acknowledged.target)} acknowledged (${grouped(acknowledged.target)} of them by the target)`,
    `${grouped(live.rolledBack)} rolled back`,
    `${grouped(live.repeated)} refused and repeated`,
    ...(live.conflicts > 0 ? [`${grouped(live.conflicts)} in conflict and repeated`] : []),
    ...(live.answersLost > 0 ? [`${grouped(live.answersLost)} whose response was lost`] : []),
  ];
  return [
    `Writes ${pauseMs === null ? 'never paused' : `paused ${(pauseMs / 1000).toFixed(1)} s`}; no writer waited longer than ${(Math.max(0, ...live.longestWaitMs) / 1000).toFixed(1)} s`,
    ...(pausesInVain > 0
      ? [
          `${timesOf(pausesInVain)} before that, they paused and resumed at the source: fences that were opened again`,
        ]
      : []),
    `writers' transactions: ${counts.join(', ')}; ${grouped(live.rowsWritten)} rows written`,
    `of ${grouped(live.rowsKnown)} rows that the writers know: lost ${grouped(live.lost)}, extra ${grouped(live.extra)}`,
  ];
}

const timesOf = (count: number): string => (count === 1 ? 'once' : `${grouped(count)} times`);

import { innerStagesOf, labelOf } from '../../contract/lifecycle/stage-text';
import { stepOfState } from '../../contract/lifecycle/state-names';
import type { HistoryEvent, JournalMoment } from './ports';

/** A step, from its state's entering to the next step's, or to the end. */
interface Visit {
  readonly state: string;
  readonly fromMs: number;
  readonly toMs: number;
}

/**
 * Seconds that an execution spent in each stage. Comparing counts as `verify` wherever it happens. A step that finishes several
 * stages is divided by what the journal says of them; the rest of it counts as the step.
 */
export function secondsPerStage(
  events: readonly HistoryEvent[],
  journal: readonly JournalMoment[],
): Record<string, number> {
  const seconds = new Map<string, number>();
  for (const visit of visitsOf(events)) {
    for (const [label, ms] of partsOf(visit, journal))
      seconds.set(label, (seconds.get(label) ?? 0) + ms / 1_000);
  }
  return Object.fromEntries([...seconds].map(([label, value]) => [label, Math.round(value * 1_000) / 1_000]));
}

/** States that only choose, and those that end the execution, belong to the step before them. */
function visitsOf(events: readonly HistoryEvent[]): readonly Visit[] {
  const visits: Visit[] = [];
  let open: Omit<Visit, 'toMs'> | undefined;
  for (const { type, timestamp, stateEnteredEventDetails } of events) {
    const state = stateEnteredEventDetails?.name;
    const ends = /^Execution(Succeeded|Failed|Aborted|TimedOut)$/.test(type ?? '');
    if (timestamp === undefined || !(ends || (state !== undefined && works(state)))) continue;
    const atMs = timestamp.getTime();
    if (open) visits.push({ ...open, toMs: atMs });
    open = state === undefined ? undefined : { state, fromMs: atMs };
  }
  return visits;
}

function works(state: string): boolean {
  const found = stepOfState(state);
  return found !== null && found.works && found.step.kind !== 'end';
}

/** The stage to which the milliseconds of a visit are added. */
function partsOf({ state, fromMs, toMs }: Visit, journal: readonly JournalMoment[]): [string, number][] {
  const { machine, step } = stepOfState(state)!;
  const stages = innerStagesOf(machine, step);
  if (stages.length === 0) return [[labelOf(machine, step), toMs - fromMs]];
  const finished = journal
    .map(({ at, event }) => ({
      atMs: Date.parse(at),
      stage: stages.find((each) => event === `${each} finished`),
    }))
    .flatMap(({ atMs, stage }) =>
      stage !== undefined && atMs >= fromMs && atMs <= toMs ? [{ atMs, stage }] : [],
    )
    .sort((left, right) => left.atMs - right.atMs);
  const last = finished.at(-1);
  const rest = last?.stage === stages.at(-1) ? last!.stage : step.id;
  const moments = [...finished, { atMs: toMs, stage: rest }];
  return moments.map(({ atMs, stage }, index) => [stage, atMs - (moments[index - 1]?.atMs ?? fromMs)]);
}

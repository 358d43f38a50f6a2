import { innerStagesOf, labelOf } from '../../contract/lifecycle/stage-text';
import { stepOfState } from '../../contract/lifecycle/state-names';
import type { HistoryEvent, JournalEntry } from './ports';

/** A step, from entering its state until the next step or the end of the execution. */
interface Visit {
  readonly state: string;
  readonly fromMs: number;
  readonly toMs: number;
}

/**
 * Returns the seconds that an execution spent in each stage. Every comparison counts as `verify`. The journal divides a
 * step that finishes several stages; the remaining time counts as the step itself.
 */
export function secondsPerStage(
  events: readonly HistoryEvent[],
  journal: readonly JournalEntry[],
): Record<string, number> {
  const seconds = new Map<string, number>();
  for (const visit of visitsOf(events)) {
    for (const [label, ms] of partsOf(visit, journal))
      seconds.set(label, (seconds.get(label) ?? 0) + ms / 1_000);
  }
  return Object.fromEntries([...seconds].map(([label, value]) => [label, Math.round(value * 1_000) / 1_000]));
}

/** Choice states, and states that end the execution, count as part of the step before them. */
function visitsOf(events: readonly HistoryEvent[]): readonly Visit[] {
  const visits: Visit[] = [];
  let open: Omit<Visit, 'toMs'> | undefined;
  for (const { type, timestamp, stateEnteredEventDetails } of events) {
    const state = stateEnteredEventDetails?.name;
    const ends = /^Execution(Succeeded|Failed|Aborted|TimedOut)$/.test(type ?? '');
    if (timestamp === undefined || !(ends || (state !== undefined && isWork(state)))) continue;
    const atMs = timestamp.getTime();
    if (open) visits.push({ ...open, toMs: atMs });
    open = state === undefined ? undefined : { state, fromMs: atMs };
  }
  return visits;
}

function isWork(state: string): boolean {
  const found = stepOfState(state);
  return found !== null && found.works && found.step.kind !== 'end';
}

/** Divides the milliseconds of a visit among labels. */
function partsOf({ state, fromMs, toMs }: Visit, journal: readonly JournalEntry[]): [string, number][] {
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

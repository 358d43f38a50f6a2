import type { HistoryEvent } from './ports';

/** States that belong to a stage of another name. */
const STAGE_OF: Readonly<Record<string, string>> = {
  MigrationNamed: 'begin',
  Shape: 'prepare',
  FirstSync: 'start-sync',
  NoRounds: 'start-sync',
  NextCopyWave: 'backfill',
  CopyWaveEmpty: 'backfill',
  Copy: 'backfill',
  NextVerifyWave: 'verify',
  VerifyWaveEmpty: 'verify',
  Verify: 'verify',
  Judge: 'verify',
  JudgeVerdict: 'verify',
  NextRound: 'catch-up',
  RoundsLeft: 'catch-up',
  CatchUpVerdict: 'catch-up',
  WaitForSync: 'catch-up',
  VerifyFencedVerdict: 'verify-fenced',
  CancelFenceToRecopy: 'cancel-fence',
  RecordFailure: 'failure',
  Failed: 'failure',
  Moved: 'open-target',
};

/** Seconds that an execution spent in each stage: from entering a state to entering the next, or to the end. */
export function secondsPerStage(events: readonly HistoryEvent[]): Record<string, number> {
  const seconds: Record<string, number> = {};
  let stage: { readonly name: string; readonly sinceMs: number } | undefined;
  for (const { type, timestamp, stateEnteredEventDetails } of events) {
    const entered = stateEnteredEventDetails?.name;
    const ends = /^Execution(Succeeded|Failed|Aborted|TimedOut)$/.test(type ?? '');
    if (timestamp === undefined || (entered === undefined && !ends)) continue;
    const atMs = timestamp.getTime();
    if (stage !== undefined) seconds[stage.name] = (seconds[stage.name] ?? 0) + (atMs - stage.sinceMs) / 1000;
    stage = entered === undefined ? undefined : { name: stageOf(entered), sinceMs: atMs };
  }
  return Object.fromEntries(
    Object.entries(seconds).map(([name, value]) => [name, Math.round(value * 1000) / 1000]),
  );
}

/** `FenceSource` and `LiveFenceSource` → `fence-source`. */
function stageOf(state: string): string {
  const name = state.replace('Live', '');
  return STAGE_OF[name] ?? name.replace(/(?<=[a-z])(?=[A-Z])/g, '-').toLowerCase();
}

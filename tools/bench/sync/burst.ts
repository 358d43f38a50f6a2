import { judge } from '../../../src/rehearsal/judge';
import type { Tpcb } from '../tpcb/fork';
import { BULK, CONNECTIONS } from './capture-cost';
import type { BacklogOptions } from './drain';
import type { SyncScene } from './scene';

/** How far sync lags behind an application at full speed, and whether any row differs afterwards. */
export interface Burst {
  readonly changesPerSecond: number;
  /** Keys applied per second during the burst. */
  readonly keysPerSecond: number;
  /** Age of the oldest entry at the burst's end, in seconds. */
  readonly lagAtEnd: number;
  /** Seconds from the burst's end until the oldest entry was younger than two seconds or the log was empty. */
  readonly secondsUntilClose: number;
  /** Seconds from the burst's end until the log was empty. */
  readonly secondsUntilEmpty: number;
  /** Rows of the source that are missing from the target or differ there. */
  readonly lost: number;
  /** Rows of the target that are not in the source. */
  readonly extra: number;
}

const CLOSE_SECONDS = 2;
const POLL_MS = 50;
const GIVE_UP_SECONDS = 600;

export async function measureBurst(
  scene: SyncScene,
  tpcb: Tpcb,
  { accounts, seconds }: BacklogOptions,
  log: (line: string) => void,
): Promise<Burst> {
  const workload = { url: scene.urls.app, connections: CONNECTIONS, accounts, ...BULK };
  const before = await scene.applied();
  const run = await tpcb.run({ ...workload, seconds, warmUpSeconds: 0 });
  const endMs = performance.now();
  const applied = (await scene.applied()) - before;
  const [atEnd, untilClose, untilEmpty] = await watch(scene, endMs);
  log(`the burst is over: ${Math.round(run.rowChanges / run.seconds)} changes/s; comparing row by row`);
  const { definition } = scene.context;
  const judgements = await judge(scene.urls.source, scene.urls.target, definition);
  const sum = (of: (judgement: (typeof judgements)[number]) => number) =>
    judgements.reduce((total, judgement) => total + of(judgement), 0);
  return {
    changesPerSecond: run.rowChanges / run.seconds,
    keysPerSecond: applied / run.seconds,
    lagAtEnd: atEnd,
    secondsUntilClose: untilClose,
    secondsUntilEmpty: untilEmpty,
    lost: sum(({ missing, different }) => missing + different),
    extra: sum(({ extra }) => extra),
  };
}

async function watch(scene: SyncScene, endMs: number): Promise<[number, number, number]> {
  let [atEnd, closeAfter]: [number | null, number | null] = [null, null];
  for (;;) {
    const { entries, oldestSeconds } = await scene.log();
    const after = (performance.now() - endMs) / 1000;
    atEnd ??= oldestSeconds;
    if (oldestSeconds < CLOSE_SECONDS) closeAfter ??= after;
    if (entries === 0) return [atEnd, closeAfter ?? after, after];
    if (after > GIVE_UP_SECONDS)
      throw new Error(`sync had not caught up ${GIVE_UP_SECONDS} s after the burst`);
    await new Promise((done) => setTimeout(done, POLL_MS));
  }
}

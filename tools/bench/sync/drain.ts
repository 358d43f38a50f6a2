import type { Tpcb } from '../tpcb/fork';
import { BULK, CONNECTIONS } from './capture-cost';
import type { SyncScene } from './scene';

/** How fast appliers drain a backlog. */
export interface Drain {
  /** Row changes per second while the backlog grew. */
  readonly changesPerSecond: number;
  readonly entries: number;
  /** Dirty keys applied; several changes of one row count once. */
  readonly keys: number;
  /** Seconds from the first applied key until the log was empty. */
  readonly seconds: number;
  readonly keysPerSecond: number;
  readonly entriesPerSecond: number;
}

export interface BacklogOptions {
  readonly accounts: number;
  readonly seconds: number;
}

const POLL_MS = 200;
const SETTLE_MS = 1_500;
/** A backlog that is not drained by then never will be. */
const GIVE_UP_SECONDS = 600;

/** Builds a backlog without appliers, then starts `Sync` and waits until the log is empty. */
export async function measureDrain(
  scene: SyncScene,
  tpcb: Tpcb,
  { accounts, seconds }: BacklogOptions,
  log: (line: string) => void,
): Promise<Drain> {
  const workload = { url: scene.urls.app, connections: CONNECTIONS, accounts, ...BULK };
  const run = await tpcb.run({ ...workload, seconds, warmUpSeconds: 0 });
  const changesPerSecond = run.rowChanges / run.seconds;
  const { entries } = await scene.log();
  log(`${entries} entries in the log after ${seconds} s of ${Math.round(changesPerSecond)} changes/s`);
  await scene.checkpoint();
  await scene.startSync();
  const before = await scene.applied();
  const elapsed = await untilEmpty(scene);
  const keys = (await settled(scene)) - before;
  const drain = { changesPerSecond, entries, keys, seconds: elapsed };
  return { ...drain, keysPerSecond: keys / elapsed, entriesPerSecond: entries / elapsed };
}

/** Waits until the ledger's count is stable: appliers report at the end of each pass, after their last write. */
async function settled(scene: SyncScene): Promise<number> {
  for (let seen = await scene.applied(); ;) {
    await new Promise((done) => setTimeout(done, SETTLE_MS));
    const applied = await scene.applied();
    if (applied === seen) return applied;
    seen = applied;
  }
}

/** @returns seconds from the removal of the first entry to that of the last */
async function untilEmpty(scene: SyncScene): Promise<number> {
  const { entries: all } = await scene.log();
  let startedMs: number | null = null;
  for (const giveUpMs = performance.now() + GIVE_UP_SECONDS * 1000; performance.now() < giveUpMs;) {
    const polledMs = performance.now();
    const { entries } = await scene.log();
    if (entries < all) startedMs ??= polledMs - POLL_MS;
    await scene.assertSyncRuns();
    if (entries === 0) return (performance.now() - (startedMs ?? polledMs)) / 1000;
    await new Promise((done) => setTimeout(done, POLL_MS));
  }
  throw new Error(`the change log was not empty after ${GIVE_UP_SECONDS} s`);
}

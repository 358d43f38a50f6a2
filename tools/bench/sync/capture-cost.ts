import type { TpcbOptions, TpcbRun } from '../tpcb/client';
import type { Tpcb } from '../tpcb/fork';
import type { SyncScene } from './scene';

/** The application's latencies without and with capture, measured in alternation. */
export interface CaptureCost {
  readonly without: Phase;
  readonly with: Phase;
}

/** The cost of capture at full speed and at half of that load. */
export interface CaptureCosts {
  readonly atFullSpeed: CaptureCost;
  readonly atHalfLoad: CaptureCost;
  /** The half load: half of the full speed without capture. */
  readonly transactionsPerSecond: number;
}

export interface Phase {
  /** 95th percentile over all transactions of these phases, in milliseconds. */
  readonly p95Ms: number;
  readonly p95MsOfPhases: readonly number[];
  readonly transactionsPerSecond: number;
  /** Per phase. */
  readonly changesPerSecond: readonly number[];
}

export interface CaptureCostOptions {
  readonly accounts: number;
  readonly phases: number;
  readonly phaseSeconds: number;
}

/** A batch job updates this many rows at this interval. */
export const BULK = { bulkEveryMs: 2_000, bulkRows: 500 } as const;
export const CONNECTIONS = 4;
const WARM_UP_SECONDS = 1;

export async function measureCaptureCosts(
  scene: SyncScene,
  tpcb: Tpcb,
  options: CaptureCostOptions,
  log: (line: string) => void,
): Promise<CaptureCosts> {
  const { accounts, phaseSeconds } = options;
  const workload = { url: scene.urls.app, connections: CONNECTIONS, accounts, ...BULK };
  // The first run is a warm-up: pages are cold, and no plan is cached.
  await tpcb.run({ ...workload, seconds: phaseSeconds / 2, warmUpSeconds: 0 });
  const atFullSpeed = await measureCaptureCost(scene, tpcb, { ...options, workload }, log);
  const transactionsPerSecond = atFullSpeed.without.transactionsPerSecond / 2;
  log(`at half of that load: ${Math.round(transactionsPerSecond)} transactions/s`);
  const paced = { ...workload, transactionsPerSecond };
  const atHalfLoad = await measureCaptureCost(scene, tpcb, { ...options, workload: paced }, log);
  return { atFullSpeed, atHalfLoad, transactionsPerSecond };
}

type Workload = Omit<TpcbOptions, 'seconds' | 'warmUpSeconds'>;

/** Phases alternate as A B B A A B …, so that drift affects both equally. */
async function measureCaptureCost(
  scene: SyncScene,
  tpcb: Tpcb,
  { phases, phaseSeconds, workload }: CaptureCostOptions & { readonly workload: Workload },
  log: (line: string) => void,
): Promise<CaptureCost> {
  const runs: Record<'off' | 'on', TpcbRun[]> = { off: [], on: [] };
  for (let phase = 0; phase < phases; phase += 1) {
    const isOn = phase % 4 === 1 || phase % 4 === 2;
    await scene.capture(isOn);
    await scene.checkpoint();
    const run = await tpcb.run({ ...workload, seconds: phaseSeconds, warmUpSeconds: WARM_UP_SECONDS });
    runs[isOn ? 'on' : 'off'].push(run);
    log(
      `capture ${isOn ? 'on ' : 'off'}: p95 ${percentile(run.latenciesMs, 0.95).toFixed(2)} ms, median ${percentile(run.latenciesMs, 0.5).toFixed(2)} ms, ${Math.round(run.latenciesMs.length / run.seconds)} transactions/s`,
    );
  }
  await scene.capture(false);
  return { without: phaseOf(runs.off), with: phaseOf(runs.on) };
}

function phaseOf(runs: readonly TpcbRun[]): Phase {
  const latencies = runs.flatMap(({ latenciesMs }) => latenciesMs);
  const seconds = runs.reduce((sum, run) => sum + run.seconds, 0);
  return {
    p95Ms: percentile(latencies, 0.95),
    p95MsOfPhases: runs.map(({ latenciesMs }) => percentile(latenciesMs, 0.95)),
    transactionsPerSecond: latencies.length / seconds,
    changesPerSecond: runs.map((run) => run.rowChanges / run.seconds),
  };
}

export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((left, right) => left - right);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

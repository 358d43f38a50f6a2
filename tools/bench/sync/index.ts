import { atLeast, atMost, machine, methodOf, type BenchReport } from '../report';
import { forkTpcb } from '../tpcb/fork';
import { measureBurst } from './burst';
import { measureCaptureCosts } from './capture-cost';
import { measureDrain } from './drain';
import { SyncScene } from './scene';

export interface SyncBenchOptions {
  /** Length of the burst; other phases scale with it. */
  readonly seconds: number;
  /** pgbench scale, 100,000 accounts each. */
  readonly scale: number;
  readonly log: (line: string) => void;
}

export const SYNC_DEFAULTS = { seconds: 60, scale: 5 } as const;
const ACCOUNTS_PER_SCALE = 100_000;
const PHASES = 8;

/** Measures what capture costs the application, how fast appliers are, and how far sync lags behind. */
export async function benchSync({ seconds, scale, log }: SyncBenchOptions): Promise<BenchReport> {
  const accounts = scale * ACCOUNTS_PER_SCALE;
  const scene = await SyncScene.open(accounts, log);
  const tpcb = forkTpcb();
  try {
    const phaseSeconds = Math.max(2, seconds / 6);
    const costs = await measureCaptureCosts(scene, tpcb, { accounts, phases: PHASES, phaseSeconds }, log);
    const { atFullSpeed: cost, atHalfLoad: half } = costs;
    log('copying, with capture on');
    await scene.copyAll();
    const drain = await measureDrain(scene, tpcb, { accounts, seconds: seconds / 3 }, log);
    log(`applied ${Math.round(drain.keysPerSecond)} keys/s, ${Math.round(drain.entriesPerSecond)} entries/s`);
    const burst = await measureBurst(scene, tpcb, { accounts, seconds }, log);
    return {
      command: 'bench sync',
      machine: machine(),
      methods: [
        methodOf('p95 of a transaction, capture off', 'ms', cost.without.p95MsOfPhases),
        methodOf('p95 of a transaction, capture on', 'ms', cost.with.p95MsOfPhases),
        methodOf('p95 at half that load, capture off', 'ms', half.without.p95MsOfPhases),
        methodOf('p95 at half that load, capture on', 'ms', half.with.p95MsOfPhases),
        methodOf('row changes, nothing captured', 'changes/s', cost.without.changesPerSecond),
        methodOf('row changes, captured', 'changes/s', cost.with.changesPerSecond),
        methodOf('row changes, captured and applied', 'changes/s', [burst.changesPerSecond]),
        methodOf('dirty keys applied, draining', 'keys/s', [drain.keysPerSecond]),
        methodOf('entries applied, draining', 'entries/s', [drain.entriesPerSecond]),
        methodOf('dirty keys applied, during the burst', 'keys/s', [burst.keysPerSecond]),
        methodOf('lag at the end of the burst', 's', [burst.lagAtEnd]),
        methodOf('until the log was empty', 's', [burst.secondsUntilEmpty]),
      ],
      figures: [
        {
          ...atMost('source_p95_ratio', cost.with.p95Ms / cost.without.p95Ms, 1.25),
          of: `${cost.with.p95Ms.toFixed(2)} ms with capture / ${cost.without.p95Ms.toFixed(2)} ms without`,
        },
        {
          ...atLeast('applier_over_change_rate', drain.entriesPerSecond / drain.changesPerSecond, 5),
          of: `${Math.round(drain.entriesPerSecond)} changes/s applied, as ${Math.round(drain.keysPerSecond)} keys/s / ${Math.round(drain.changesPerSecond)} changes/s made`,
        },
        atMost('lag_after_burst_s', burst.secondsUntilClose, 2),
        atMost('lost', burst.lost, 0),
        atMost('extra', burst.extra, 0),
      ],
    };
  } finally {
    await tpcb.close();
    await scene.close();
  }
}

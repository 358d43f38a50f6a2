/** The state machine `Sync` in process: appliers that keep a trial's target in sync until nothing is left to be kept in sync. */
import { ERRORS } from '../../src/contract/errors';
import type { ApplierItem, SyncRound } from '../../src/contract/payloads';
import { applyItem } from '../../src/core/sync/apply-item';
import { nextSync } from '../../src/core/sync/next-sync';
import type { World } from '../../src/core/world';
import type { TrialPorts } from './trial-ports';
import { DEPLOYED } from './deployed';

const HOUR_MS = 3_600_000;
/** Between two rounds, where the machine would be as slow. */
const ROUND_MS = 50;

export class SyncInProcess {
  readonly failures: unknown[] = [];
  /** Keys that were made equal. */
  applied = 0;
  private stopping = false;
  private readonly ended: Promise<void>;

  constructor(
    private readonly trial: TrialPorts,
    readonly execution: string,
    private readonly world: World,
    private readonly startedBy: string,
  ) {
    trial.running.add(execution);
    this.ended = this.run().finally(() => trial.running.delete(execution));
  }

  /** Ends the execution as its time would: appliers leave when the page at hand is settled. */
  async stop(): Promise<void> {
    this.stopping = true;
    await this.ended;
  }

  /** Waits until sync is over. */
  over(): Promise<void> {
    return this.ended;
  }

  private async run(): Promise<void> {
    const round = roundOf(this.trial, this.execution, this.startedBy);
    while (!this.stopping) {
      try {
        const { verdict, items } = await nextSync(this.world, round);
        if (verdict === 'over') return;
        await Promise.all(items.map((item) => this.apply(item)));
      } catch (error) {
        this.failures.push(error);
        if (error instanceof Error && error.name === ERRORS.captureLost) return;
      }
      await new Promise((resolve) => setTimeout(resolve, ROUND_MS));
    }
  }

  private async apply(item: ApplierItem): Promise<void> {
    const { applied } = await applyItem(this.world, item, () => (this.stopping ? 0 : HOUR_MS));
    this.applied += applied;
  }
}

/** The input that `Sync` passes to a round. */
export const roundOf = (
  { name, run }: TrialPorts,
  execution: string,
  startedBy = run.execution,
): SyncRound => ({
  migration: name,
  generation: run.generation,
  direction: run.direction,
  execution,
  startedBy,
  ...DEPLOYED,
  events: 0,
});

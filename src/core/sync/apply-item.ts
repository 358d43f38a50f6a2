import type { ApplierItem } from '../../contract/payloads';
import { authorityOf } from '../authority';
import { applyPartition, type ApplyOutcome, type ApplyRequest } from './apply-changes';
import { DirtyWatch } from './dirty-watch';
import { InconsistentLedger, TransientFailure } from '../errors';
import { flowOf } from '../flow';
import type { TableRecord } from '../ledger';
import { intactCaptures, isGivenUp, isSyncAtRest, isSyncOver } from './captures';
import { partitionsOf } from './next-sync';
import { SyncMeter, type SyncMeasures } from './sync-meter';
import type { FlowContext, PartitionId, World } from '../world';

/** Time that the current page may still need: a few statements of up to 45 s each in the Data API. */
const RESERVE_MS = 120_000;
/** Interval between checks of the record; every second check includes the captures. */
const CHECK_MS = 2_000;
const METER_MS = 10_000;
/** Consecutive failed checks after which the worker cannot know whether it may continue. */
const FAILED_CHECKS_MAX = 5;

/**
 * Applies the changes of the partitions assigned to one applier, concurrently, until its time runs out, sync is over, or
 * another execution takes over.
 * @throws CaptureLost if changes may be missing
 * @throws TransientFailure also if it is fenced out by a claim, although its execution still has to serve the partitions
 */
export async function applyItem(
  world: World,
  item: ApplierItem,
  remainingMs: () => number,
  publish: (measures: SyncMeasures) => void = () => undefined,
): Promise<{ applied: number }> {
  const context = { ...world, flow: flowOf(world.ends, item.direction) };
  const applier = new Applier(context, item, remainingMs, publish);
  try {
    return { applied: await applier.run() };
  } catch (error) {
    // An abort removes what an applier works with, and records that first.
    if (isGivenUp(await world.control.record(item.migration), item.generation)) return { applied: 0 };
    throw error;
  }
}

class Applier {
  private stopped = false;

  constructor(
    private readonly world: FlowContext,
    private readonly item: ApplierItem,
    private readonly remainingMs: () => number,
    private readonly publish: (measures: SyncMeasures) => void,
  ) {}

  async run(): Promise<number> {
    const { control, flow, clock } = this.world;
    const { migration, generation } = this.item;
    if (!(await this.mayContinue())) return 0;
    const tables = await control.chunks.tables(migration, generation);
    const record = await control.recordOrFail(migration);
    const { salt } = record;
    const authority = await authorityOf(this.world, { ...record, generation });
    const captures = await intactCaptures(this.world, generation);
    const watch = new DirtyWatch(flow.from.log, clock, [...captures.values()]);
    const partitions = this.dealt(tables);
    const meter = new SyncMeter(this.world, watch, partitions);
    await meter.start();
    const served = partitions.map((partition) =>
      this.serve({ authority, partition, watch, salt }, tables, captures).finally(
        () => (this.stopped = true),
      ),
    );
    const all = Promise.allSettled(served);
    const checked = await this.checkUntilEnded(all, meter).then(
      () => null,
      (error: unknown) => ({ error }),
    );
    this.stopped = true;
    const outcomes = await all;
    if (checked) throw checked.error;
    for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
    this.publish(await meter.measure());
    const left = outcomes.map((outcome) => (outcome as PromiseFulfilledResult<ApplyOutcome>).value);
    await this.failIfOrphaned(left);
    return left.reduce((sum, { applied }) => sum + applied, 0);
  }

  /**
   * A newer claim ends an applier. The claim may be orphaned: a repeated request, or one of a duplicate invocation that has ended.
   * Failing makes the state machine retry, and the retry claims the partitions again; a duplicate is not retried.
   * @throws TransientFailure if this execution still has to serve the partitions
   */
  private async failIfOrphaned(left: readonly ApplyOutcome[]): Promise<void> {
    if (!left.some(({ fencedOut }) => fencedOut) || !(await this.mayContinue())) return;
    const { migration, applier, execution } = this.item;
    throw new TransientFailure(
      `partitions of applier ${applier} of ${migration} have a newer claim, but ${execution} still has to serve them`,
    );
  }

  private dealt(tables: readonly TableRecord[]): PartitionId[] {
    const { migration, generation, applier, appliers } = this.item;
    return partitionsOf(migration, generation, tables).filter((_, index) => index % appliers === applier);
  }

  private async serve(
    request: Pick<ApplyRequest, 'authority' | 'partition' | 'watch' | 'salt'>,
    tables: readonly TableRecord[],
    captures: ReadonlyMap<string, string>,
  ): Promise<ApplyOutcome> {
    const { partition } = request;
    const layout = tables.find(({ table }) => table === partition.table)?.layout;
    const capture = captures.get(partition.table);
    if (!layout || capture === undefined)
      throw new InconsistentLedger(`the plan of ${partition.migration} has no table ${partition.table}`);
    return applyPartition(
      { ...this.world, ...this.world.flow, partitions: this.world.control.partitions },
      {
        ...request,
        layout,
        capture,
        stop: () => this.stopped || this.remainingMs() < RESERVE_MS,
      },
    );
  }

  /** Checks the ledger and the captures until every partition has ended, and stops them when they may not continue. */
  private async checkUntilEnded(all: Promise<unknown>, meter: SyncMeter): Promise<void> {
    const { clock } = this.world;
    let meterMs = clock.now() + METER_MS;
    let ended = false;
    const end = all.then(() => (ended = true));
    for (let checks = 1, failed = 0; !ended; checks += 1) {
      await Promise.race([end, clock.sleep(CHECK_MS)]);
      if (ended) return;
      try {
        await this.check(checks);
        failed = 0;
        if (clock.now() < meterMs) continue;
        meterMs = clock.now() + METER_MS;
        this.publish(await meter.measure());
      } catch (error) {
        failed += 1;
        if (!(error instanceof TransientFailure) || failed > FAILED_CHECKS_MAX) throw error;
      }
    }
  }

  private async check(checks: number): Promise<void> {
    if (!(await this.mayContinue())) this.stopped = true;
    else if (checks % 2 === 0) await intactCaptures(this.world, this.item.generation);
  }

  private async mayContinue(): Promise<boolean> {
    const { migration, generation, execution } = this.item;
    const record = await this.world.control.record(migration);
    return !isSyncOver(record, generation) && record!.sync === execution && !isSyncAtRest(record!);
  }
}

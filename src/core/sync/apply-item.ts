import type { ApplierItem } from '../../contract/payloads';
import { applyPartition, type ApplyOutcome } from './apply-changes';
import { DirtyWatch } from './dirty-watch';
import { InconsistentLedger, TransientFailure } from '../errors';
import { flowOf } from '../flow';
import type { TableRecord } from '../ledger';
import { intactCaptures, isGivenUp, isSyncAtRest, isSyncOver } from './captures';
import { partitionsOf } from './next-sync';
import { SyncMeter, type SyncMeasures } from './sync-meter';
import type { FlowContext, PartitionId, World } from '../world';

/** What a page at hand may still take: a few statements, each up to the Data API's 45 s. */
const RESERVE_MS = 120_000;
/** Between two looks at the record; every second look takes in the captures. */
const LOOK_MS = 2_000;
const METER_MS = 10_000;
/** Looks in a row that may fail before nobody knows any more whether this worker may go on. */
const BLIND_MAX = 5;

/**
 * Applies the changes of the partitions that are dealt to one applier, all at once, until its time runs out, sync is over, or
 * another execution does it.
 * @throws CaptureLost if changes may be missing
 * @throws TransientFailure also if a newer claim fences it out although the same execution still is to do it
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
    // An abort takes away what an applier works with; its record says so before.
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
    if (!(await this.mayGoOn())) return 0;
    const tables = await control.chunks.tables(migration, generation);
    const { salt } = await control.recordOrFail(migration);
    const captures = await intactCaptures(this.world, generation);
    const watch = new DirtyWatch(flow.from.log, clock, [...captures.values()]);
    const partitions = this.dealt(tables);
    const meter = new SyncMeter(this.world, watch, partitions);
    await meter.begin();
    const served = partitions.map((partition) =>
      this.serve(partition, tables, captures, watch, salt).finally(() => (this.stopped = true)),
    );
    const all = Promise.allSettled(served);
    const looked = await this.lookAfter(all, meter).then(
      () => null,
      (error: unknown) => ({ error }),
    );
    this.stopped = true;
    const outcomes = await all;
    if (looked) throw looked.error;
    for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
    this.publish(await meter.measure());
    const left = outcomes.map((outcome) => (outcome as PromiseFulfilledResult<ApplyOutcome>).value);
    await this.refuseOrphans(left);
    return left.reduce((sum, { applied }) => sum + applied, 0);
  }

  /**
   * A newer claim ends an applier. Is it nobody's that goes on (a request for a claim that was executed twice, a duplicate
   * of this invocation), then whoever is asked again claims anew; a duplicate is asked by nobody.
   * @throws TransientFailure if this execution still is to serve the partitions
   */
  private async refuseOrphans(left: readonly ApplyOutcome[]): Promise<void> {
    if (!left.some(({ fencedOut }) => fencedOut) || !(await this.mayGoOn())) return;
    const { migration, applier, execution } = this.item;
    throw new TransientFailure(
      `partitions of applier ${applier} of ${migration} were claimed anew, and ${execution} is still to serve them`,
    );
  }

  private dealt(tables: readonly TableRecord[]): PartitionId[] {
    const { migration, generation, applier, appliers } = this.item;
    return partitionsOf(migration, generation, tables).filter((_, index) => index % appliers === applier);
  }

  private async serve(
    partition: PartitionId,
    tables: readonly TableRecord[],
    captures: ReadonlyMap<string, string>,
    watch: DirtyWatch,
    salt: string,
  ): Promise<ApplyOutcome> {
    const layout = tables.find(({ table }) => table === partition.table)?.layout;
    const capture = captures.get(partition.table);
    if (!layout || capture === undefined)
      throw new InconsistentLedger(`the plan of ${partition.migration} has no table ${partition.table}`);
    return applyPartition(
      { ...this.world, ...this.world.flow, partitions: this.world.control.partitions },
      {
        partition,
        layout,
        capture,
        salt,
        watch,
        stop: () => this.stopped || this.remainingMs() < RESERVE_MS,
      },
    );
  }

  /** Looks at the ledger and at the captures, until every partition is left; ends them when they are not to go on. */
  private async lookAfter(all: Promise<unknown>, meter: SyncMeter): Promise<void> {
    const { clock } = this.world;
    let meterMs = clock.now() + METER_MS;
    let ended = false;
    const end = all.then(() => (ended = true));
    for (let looks = 1, blind = 0; !ended; looks += 1) {
      await Promise.race([end, clock.sleep(LOOK_MS)]);
      if (ended) return;
      try {
        await this.look(looks);
        blind = 0;
        if (clock.now() < meterMs) continue;
        meterMs = clock.now() + METER_MS;
        this.publish(await meter.measure());
      } catch (error) {
        blind += 1;
        if (!(error instanceof TransientFailure) || blind > BLIND_MAX) throw error;
      }
    }
  }

  private async look(looks: number): Promise<void> {
    if (!(await this.mayGoOn())) this.stopped = true;
    else if (looks % 2 === 0) await intactCaptures(this.world, this.item.generation);
  }

  private async mayGoOn(): Promise<boolean> {
    const { migration, generation, execution } = this.item;
    const record = await this.world.control.record(migration);
    return !isSyncOver(record, generation) && record!.sync === execution && !isSyncAtRest(record!);
  }
}

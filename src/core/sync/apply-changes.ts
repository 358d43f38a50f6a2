import { PageApplier } from './apply-page';
import { DirtyPageSizer } from './dirty-page-size';
import type { DirtyWatch } from './dirty-watch';
import { FencedOut, TransientFailure } from '../errors';
import type { Layout } from '../layout';
import { applierScope, scopePrefix, type PartitionRecord } from '../ledger';
import { PassReport } from './pass-report';
import type { End } from '../ends';
import type { Authority, Clock, DirtyPage, RefusalOf } from '../ports';
import { RefusedKeys } from './refused-keys';
import { repeatCall } from '../settle-write';
import type { Control, PartitionId } from '../world';

export interface ApplyPorts {
  readonly from: Pick<End, 'reader' | 'log'>;
  readonly to: Pick<End, 'side' | 'writer' | 'leases'>;
  readonly partitions: Pick<Control['partitions'], 'claim' | 'passed' | 'reportRefused'>;
  readonly clock: Clock;
  readonly refusalOf: RefusalOf;
}

export interface ApplyRequest {
  /** Of the generation, under an epoch that was read before the claim. */
  readonly authority: Authority;
  readonly partition: PartitionId;
  /** Layout from the plan. */
  readonly layout: Layout;
  /** Id of the table's capture. */
  readonly capture: string;
  /** Salt of the key hashes that identify refused rows. */
  readonly salt: string;
  /** Shared by all partitions of one worker: one statement finds which of them have work. */
  readonly watch: DirtyWatch;
  /** Called after every page and while idle; once true, the applier stops after the current page. */
  readonly stop: () => boolean;
}

export interface ApplyOutcome {
  /** Applied keys. */
  readonly applied: number;
  /** True: a successor or an abort has taken over the partition. */
  readonly fencedOut: boolean;
}

/** Interval between checks of a log without entries that can be settled. */
const IDLE_MS = 150;
/** Delay after a transient error, doubled each time. */
const FAILED_MS = 200;
const FAILED_MS_MAX = 5_000;

/**
 * Claims one partition and applies its changes, pass after pass, until it has to stop or a successor takes over. A worker
 * calls it concurrently for each of its partitions. It retries after transient errors.
 *
 * A pass reads the partition's entries from the first one, without a cursor from earlier passes, so it also finds entries
 * that were committed late with a smaller id. An entry is deleted once the target has the row as it was read after the entry,
 * or if the key's chunk was never claimed; until then every pass reads it again.
 */
export const applyPartition = (ports: ApplyPorts, request: ApplyRequest): Promise<ApplyOutcome> =>
  new PartitionApplier(ports, request).run();

class PartitionApplier {
  private readonly sizer = new DirtyPageSizer();
  private applied = 0;

  constructor(
    private readonly ports: ApplyPorts,
    private readonly request: ApplyRequest,
  ) {}

  async run(): Promise<ApplyOutcome> {
    const { clock } = this.ports;
    let failures = 0;
    try {
      while (!this.request.stop()) {
        try {
          await this.serve(() => (failures = 0));
        } catch (error) {
          if (!(error instanceof TransientFailure)) throw error;
          // Whether the last write was done is unknown: a new claim starts from a number that is known.
          this.sizer.failed();
          await clock.sleep(Math.min(FAILED_MS_MAX, FAILED_MS * 2 ** failures));
          failures += 1;
        }
      }
      return { applied: this.applied, fencedOut: false };
    } catch (error) {
      if (error instanceof FencedOut) return { applied: this.applied, fencedOut: true };
      throw error;
    }
  }

  /** One claim: pass after pass until it has to stop. */
  private async serve(passed: () => void): Promise<void> {
    const { watch, capture, partition, stop } = this.request;
    const { page, refused, report } = await this.claim();
    while (!stop()) {
      const { dirty, atMs } = await watch.check(capture, partition.partition);
      report.start(atMs);
      if (dirty && !(await this.pass(page, report))) return;
      refused.passed();
      await report.end(refused, page.retries, stop());
      passed();
      if (report.settled === 0 && !stop()) await this.ports.clock.sleep(IDLE_MS);
    }
  }

  private async claim() {
    const { partitions, clock } = this.ports;
    const { leases, side } = this.ports.to;
    const { authority, partition, layout, salt } = this.request;
    const { table } = partition;
    const scope = applierScope(authority, side, table, partition.partition);
    const record: PartitionRecord = await partitions.claim(partition);
    await repeatCall(clock, () => leases.planPartition(authority, scope));
    const lease = await repeatCall(clock, () => leases.install(authority, scope, record.token, 0));
    if (!lease) throw new FencedOut(`the lease of ${scope} has a newer claim or was revoked`);
    const prefix = scopePrefix(authority, side, table);
    const refused = new RefusedKeys();
    const page = new PageApplier(this.ports, { layout, prefix, scope, token: record.token }, refused);
    return { page, refused, report: new PassReport(this.ports, partition, record, salt) };
  }

  /** Reads all entries once, in pages: the next page is read while one is written. False if it had to stop before the end. */
  private async pass(applier: PageApplier, report: PassReport): Promise<boolean> {
    const { from, clock } = this.ports;
    const { capture, partition, stop } = this.request;
    let forgetting: Promise<void> = Promise.resolve();
    let ahead: Promise<ReadPage> | null = this.read(null);
    while (ahead !== null) {
      const page: ReadPage = await ahead;
      ahead = page.next === null ? null : this.read(page.next);
      const startedMs = clock.now();
      const outcomes = await applier.apply(page.rows);
      this.sizer.settled(clock.now() - startedMs, page.next !== null);
      this.applied += report.count(page.rows, outcomes, clock.now() - page.requestedMs);
      const settled = page.rows.filter((row) => ['applied', 'dropped'].includes(outcomes.get(row) as string));
      await forgetting;
      const entries = settled.flatMap((row) => row.entries);
      forgetting = repeatCall(clock, () => from.log.forget(capture, partition.partition, entries));
      forgetting.catch(() => undefined);
      if (ahead !== null && stop()) break;
    }
    await forgetting;
    if (ahead !== null) return false;
    await applier.applyConflicting();
    return true;
  }

  private read(after: string | null): Promise<ReadPage> {
    const { from, clock } = this.ports;
    const { layout, capture, partition } = this.request;
    const requestedMs = clock.now();
    const page = repeatCall(clock, () =>
      from.log.readDirty(layout, capture, partition.partition, after, this.sizer.size),
    ).then((found) => ({ ...found, requestedMs }));
    // Read ahead and then not needed: it was seen.
    page.catch(() => undefined);
    return page;
  }
}

interface ReadPage extends DirtyPage {
  readonly requestedMs: number;
}

import { intentOf } from '../../contract/writes';
import { readOwnGuard } from '../authority';
import { returnWrites, type CancelVerdict } from '../cutover/cancel';
import { findObstacles, obstaclesText, recordObstacles } from '../cutover/readiness';
import { InconsistentLedger, NotCaughtUp } from '../errors';
import type { ChunkRecord, MigrationRecord, PartitionRecord } from '../ledger';
import { intactCaptures } from '../sync/captures';
import { assertComplete, unsettledChunks } from '../backfill/chunk-lists';
import { partitionsOf } from '../sync/next-sync';
import { failIfHistoryFull } from '../execution/history';
import { isFinished, ownedRecord } from '../execution/run-stage';
import type { StageContext } from '../world';

export interface CatchUpVerdict {
  /** `copy`: chunks were reopened; `verify`: chunks must be compared again first; `wait`: check again later. */
  readonly verdict: 'ready' | 'copy' | 'verify' | 'wait';
  /** How long to wait. */
  readonly seconds: number;
}

/** A partition without a pass for this long is not being applied. */
const HEARTBEAT_MS = 15_000;
/** Lag that a fence of seconds can drain with a margin. */
const LAG_MS_MAX = 1_000;
/** Number of chunks that can be compared within the fence. */
const UNSETTLED_MAX = 32;
/** Rounds of comparison after which the remaining chunks are compared under the fence: hot rows never settle. */
const ROUNDS_MAX = 3;
const FENCES_CANCELLED_MAX = 5;
/** One call polls for this long before it returns `wait`. */
const POLL_MS = 500;
const PATIENCE_MS = 20_000;
/** Waits grow by a second each, so that days of waiting do not fill the history. */
const WAIT_SECONDS_MAX = 300;
/**
 * Consecutive calls that find a partition without a pass in between: at least ten minutes if it never had one, hours if a pass
 * may just be long. The state machine bounds all other waits.
 */
const NEVER_SERVED_MAX = 30;
const NOT_SERVED_MAX = 120;

/** How long the ends may be not ready to be fenced before the migration is held, and the longest wait between two checks. */
const NOT_READY_MS_MAX = 1_800_000;
const NOT_READY_SECONDS_MAX = 30;

const READY: CatchUpVerdict = { verdict: 'ready', seconds: 0 };

/** Status of the appliers according to their own records. A missing record counts as no signal. */
interface SyncStatus {
  readonly partitions: readonly PartitionRecord[];
  /** Every partition had a pass within the heartbeat. */
  readonly served: boolean;
  readonly lagMs: number;
  readonly refused: number;
  /** Every check of this call found refused rows, so they do not just wait for each other. */
  readonly staysRefused: boolean;
}

/**
 * Decides whether the source may be fenced: every partition is being applied, the lag is small, and few chunks are left to
 * compare under the fence.
 * @throws NotCaughtUp if rows are refused or waiting cannot succeed
 * @throws CaptureLost if changes may be missing
 */
export async function catchUp(context: StageContext): Promise<CatchUpVerdict> {
  const { control, flow, run } = context;
  failIfHistoryFull(run);
  const record = await ownedRecord(context);
  if (isFinished(record, 'catch-up')) return READY;
  failIfTooManyFences(record);
  if ((await openIfClosed(context, record)) === 'flipped') return READY;
  if (await hasOpenChunks(context)) return { verdict: 'copy', seconds: 0 };
  const status = await awaitSyncStatus(context);
  if (!isClose(status)) return wait(context, status);
  const seconds = await secondsUntilReady(context, record);
  if (seconds > 0) return { verdict: 'wait', seconds };
  const chunks = await control.chunks.list(run.migration, run.generation);
  await assertComplete(context, chunks);
  const unsettled = await unsettledChunks(context, chunks);
  if (unsettled.length > UNSETTLED_MAX && record.comparisonRounds < ROUNDS_MAX) {
    await compareAgain(context, unsettled);
    return { verdict: 'verify', seconds: 0 };
  }
  await control.finishStage(run.migration, run.generation, 'catch-up', flow.from.side);
  await control.journal.append(run.migration, run.generation, 'catch-up finished', {
    lagMs: status.lagMs,
    applied: status.partitions.reduce((sum, { applied }) => sum + applied, 0),
    chunks: chunks.length,
    unsettled: unsettled.length,
  });
  return READY;
}

function failIfTooManyFences({ migration, fencesCancelled }: MigrationRecord): void {
  if (fencesCancelled < FENCES_CANCELLED_MAX) return;
  throw new NotCaughtUp(
    `the cutover of ${migration} exceeded its fence ${fencesCancelled} times, and writes continued at the source each time; the journal shows how far it got. Set a longer fence.seconds, or choose a time with fewer and shorter writing transactions, then resume`,
  );
}

/** Opens a side that an interrupted cancel left closed, and cancels the intent of a late fence. */
async function openIfClosed(context: StageContext, record: MigrationRecord): Promise<CancelVerdict> {
  const { flow, run } = context;
  const guard = await readOwnGuard(context, flow.from, run.migration);
  if (!guard)
    throw new InconsistentLedger(`the ${flow.from.side} of ${run.migration} has no guard; abort it`);
  if (guard.state === 'open' && intentOf(record.writes) === null) return 'cancelled';
  // Cancel only the attempt that this call has read, not one that started since.
  return returnWrites(context, record);
}

/** A cutover that was cancelled or died may have reopened unequal chunks. */
async function hasOpenChunks({ control, run }: StageContext): Promise<boolean> {
  const chunks = await control.chunks.list(run.migration, run.generation);
  return chunks.some(({ state }) => state !== 'closed');
}

/** Polls until the appliers have caught up or time is up. */
async function awaitSyncStatus(context: StageContext): Promise<SyncStatus> {
  const { clock, run } = context;
  const patienceEndsMs = clock.now() + PATIENCE_MS;
  let staysRefused = true;
  for (;;) {
    const captures = await intactCaptures(context, run.generation);
    const status = await readSyncStatus(context, captures);
    staysRefused &&= status.refused > 0;
    if (isClose(status) || clock.now() >= patienceEndsMs) return { ...status, staysRefused };
    await clock.sleep(POLL_MS);
  }
}

async function readSyncStatus(
  { control, flow, run }: StageContext,
  captures: ReadonlyMap<string, string>,
): Promise<Omit<SyncStatus, 'staysRefused'>> {
  const tables = await control.chunks.tables(run.migration, run.generation);
  const partitions = await control.partitions.list(run.migration, run.generation);
  // Appliers record passes by the database's clock: the clocks of functions may be off by minutes.
  const { atMs } = await flow.from.log.dirtyPartitions([...captures.values()]);
  const isServed = ({ passedAt }: PartitionRecord) =>
    passedAt !== null && atMs - Date.parse(passedAt) <= HEARTBEAT_MS;
  const wanted = partitionsOf(run.migration, run.generation, tables);
  const served = wanted.every(({ table, partition }) =>
    partitions.some((found) => found.table === table && found.partition === partition && isServed(found)),
  );
  return {
    partitions,
    served,
    lagMs: Math.max(0, ...partitions.map(({ lagMs }) => lagMs)),
    refused: partitions.reduce((sum, { refused }) => sum + refused, 0),
  };
}

const isClose = ({ served, lagMs, refused }: Omit<SyncStatus, 'staysRefused'>): boolean =>
  served && lagMs < LAG_MS_MAX && refused === 0;

/** @throws NotCaughtUp if waiting cannot succeed */
async function wait({ control, run }: StageContext, status: SyncStatus): Promise<CatchUpVerdict> {
  if (status.served && status.staysRefused) throw new NotCaughtUp(refusedText(status));
  const last = lastPass(status);
  const { times, waits } = await control.recordWait(
    run.migration,
    status.served ? 'sync lags' : `not served since ${last}`,
  );
  if (!status.served && times >= (last === null ? NEVER_SERVED_MAX : NOT_SERVED_MAX)) {
    throw new NotCaughtUp(
      `no applier has passed over some partitions of ${run.migration} for at least ${Math.round((times * PATIENCE_MS) / 60_000)} minutes. Check the executions of the state machine Sync and the log of applyChanges, then resume, which starts Sync again`,
    );
  }
  return { verdict: 'wait', seconds: Math.min(waits, WAIT_SECONDS_MAX) };
}

/** How long to wait before the ends are checked again; 0 if they are ready. @throws NotCaughtUp if they were not for too long */
async function secondsUntilReady(context: StageContext, record: MigrationRecord): Promise<number> {
  const obstacles = await findObstacles(context, record);
  const { waitedMs, checks } = await recordObstacles(context, record, obstacles);
  if (waitedMs >= NOT_READY_MS_MAX) throw new NotCaughtUp(obstaclesText(record.migration, obstacles));
  return Math.min(checks, NOT_READY_SECONDS_MAX);
}

/** Time of the oldest last pass; null if a partition never had one. */
function lastPass({ partitions }: SyncStatus): string | null {
  const passes = partitions.map(({ passedAt }) => passedAt);
  return passes.includes(null) ? null : ((passes as string[]).sort()[0] ?? null);
}

function refusedText({ partitions }: SyncStatus): string {
  const tables = new Map<string, number>();
  for (const { table, refused } of partitions) tables.set(table, (tables.get(table) ?? 0) + refused);
  const named = [...tables].filter(([, refused]) => refused > 0).map(([table, rows]) => `${table} (${rows})`);
  return `the target refuses rows of ${named.join(', ')}; \`npx sluice status\` lists them by hashed key. Fix the rows in the source, or fix the target, then resume`;
}

async function compareAgain(context: StageContext, chunks: readonly ChunkRecord[]): Promise<void> {
  const { control, run } = context;
  const { migration, generation } = run;
  for (const { table, chunk } of chunks)
    await control.chunks.compareAgain({ migration, generation, table, chunk });
  const round = await control.recordRound(migration);
  // The next waves find the same chunks as the last round, which is progress here.
  await control.recordWave(migration, `round ${round} of comparing`);
  await control.journal.append(migration, generation, 'touched chunks are compared again', {
    round,
    chunks: chunks.length,
  });
}

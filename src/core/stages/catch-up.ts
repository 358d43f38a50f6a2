import { intentOf } from '../../contract/writes';
import { giveBack, type CancelVerdict } from '../cutover/cancel';
import { InconsistentLedger, NotCaughtUp } from '../errors';
import type { ChunkRecord, MigrationRecord, PartitionRecord } from '../ledger';
import { intactCaptures } from '../sync/captures';
import { assertComplete, unsettledChunks } from '../backfill/chunk-lists';
import { partitionsOf } from '../sync/next-sync';
import { refuseFullHistory } from '../execution/history';
import { isFinished, ownedRecord } from '../execution/run-stage';
import type { StageContext } from '../world';

export interface CatchUpVerdict {
  /** `copy`: chunks were reopened; `verify`: chunks have to be compared again first; `wait`: look again later. */
  readonly verdict: 'ready' | 'copy' | 'verify' | 'wait';
  /** How long to wait. */
  readonly seconds: number;
}

/** A partition that was not passed for so long is not served. */
const HEARTBEAT_MS = 15_000;
/** What a fence of seconds can drain, and then some. */
const LAG_MS_MAX = 1_000;
/** Chunks that the fence has time to compare. */
const UNSETTLED_MAX = 32;
/** Rounds of comparing after which chunks are left to the fence: hot rows never settle. */
const ROUNDS_MAX = 3;
const FENCES_CANCELLED_MAX = 5;
/** One call looks for so long before it says that there is nothing new; then the state machine waits. */
const POLL_MS = 500;
const PATIENCE_MS = 20_000;
/** Waits grow by a second each, so that days of waiting do not fill the history. */
const WAIT_SECONDS_MAX = 300;
/**
 * Calls in a row that find a partition not served, and no pass between them: ten minutes at least where there never was one,
 * hours where a pass may just have much to do. The state machine bounds all others.
 */
const NEVER_SERVED_MAX = 30;
const NOT_SERVED_MAX = 120;

const READY: CatchUpVerdict = { verdict: 'ready', seconds: 0 };

/** How far the appliers are, from their own records. A missing record is a missing signal. */
interface Stand {
  readonly partitions: readonly PartitionRecord[];
  /** Every partition was passed within the heartbeat. */
  readonly served: boolean;
  readonly lagMs: number;
  readonly refused: number;
  /** Rows were refused whenever this call looked: it is not just one that waits for another. */
  readonly staysRefused: boolean;
}

/**
 * Whether the source may be fenced now: every partition is served, hardly anything is left to apply, and few chunks are left
 * to compare behind the fence.
 * @throws NotCaughtUp if rows are refused, or it leads nowhere; @throws CaptureLost if changes may be missing
 */
export async function catchUp(context: StageContext): Promise<CatchUpVerdict> {
  const { control, flow, run } = context;
  refuseFullHistory(run);
  const record = await ownedRecord(context);
  if (isFinished(record, 'catch-up')) return READY;
  refuseMoreFences(record);
  if ((await openIfShut(context, record)) === 'flipped') return READY;
  if (await hasOpenChunks(context)) return { verdict: 'copy', seconds: 0 };
  const stand = await awaitStand(context);
  if (!isClose(stand)) return wait(context, stand);
  const chunks = await control.chunks.list(run.migration, run.generation);
  await assertComplete(context, chunks);
  const unsettled = await unsettledChunks(context, chunks);
  if (unsettled.length > UNSETTLED_MAX && record.comparisonRounds < ROUNDS_MAX) {
    await compareAgain(context, unsettled);
    return { verdict: 'verify', seconds: 0 };
  }
  await control.finishStage(run.migration, run.generation, 'catch-up', flow.from.side);
  await control.journal.append(run.migration, run.generation, 'catch-up finished', {
    lagMs: stand.lagMs,
    applied: stand.partitions.reduce((sum, { applied }) => sum + applied, 0),
    chunks: chunks.length,
    unsettled: unsettled.length,
  });
  return READY;
}

function refuseMoreFences({ migration, fencesCancelled }: MigrationRecord): void {
  if (fencesCancelled < FENCES_CANCELLED_MAX) return;
  throw new NotCaughtUp(
    `the cutover of ${migration} did not fit into its fence ${fencesCancelled} times, and writes went on at the source each time; the journal says how far it came. Give it a longer fence.seconds, or a time with fewer and shorter writing transactions, then resume`,
  );
}

/** A cancel that was interrupted after its decision left the side closed; a fence that came late left an intent. */
async function openIfShut(context: StageContext, record: MigrationRecord): Promise<CancelVerdict> {
  const { flow, run } = context;
  const guard = await flow.from.guard.readGuard(run.migration);
  if (!guard)
    throw new InconsistentLedger(`the ${flow.from.side} of ${run.migration} has no guard; abort it`);
  if (guard.state === 'open' && intentOf(record.writes) === null) return 'cancelled';
  // Only what this call saw: an attempt that began since is not its to cancel.
  return giveBack(context, record);
}

/** A cutover that was cancelled, or died, may have reopened chunks that were not equal. */
async function hasOpenChunks({ control, run }: StageContext): Promise<boolean> {
  const chunks = await control.chunks.list(run.migration, run.generation);
  return chunks.some(({ state }) => state !== 'closed');
}

/** Looks until the appliers are close, or patience ends. */
async function awaitStand(context: StageContext): Promise<Stand> {
  const { clock, run } = context;
  const patienceEndsMs = clock.now() + PATIENCE_MS;
  let staysRefused = true;
  for (;;) {
    const captures = await intactCaptures(context, run.generation);
    const stand = await readStand(context, captures);
    staysRefused &&= stand.refused > 0;
    if (isClose(stand) || clock.now() >= patienceEndsMs) return { ...stand, staysRefused };
    await clock.sleep(POLL_MS);
  }
}

async function readStand(
  { control, flow, run }: StageContext,
  captures: ReadonlyMap<string, string>,
): Promise<Omit<Stand, 'staysRefused'>> {
  const tables = await control.chunks.tables(run.migration, run.generation);
  const partitions = await control.partitions.list(run.migration, run.generation);
  // Appliers record passes by the same clock; their own may be wrong by minutes, and so may this function's.
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

const isClose = ({ served, lagMs, refused }: Omit<Stand, 'staysRefused'>): boolean =>
  served && lagMs < LAG_MS_MAX && refused === 0;

/** @throws NotCaughtUp if waiting is in vain */
async function wait({ control, run }: StageContext, stand: Stand): Promise<CatchUpVerdict> {
  if (stand.served && stand.staysRefused) throw new NotCaughtUp(refusedText(stand));
  const last = lastPass(stand);
  const { times, waits } = await control.noteWait(
    run.migration,
    stand.served ? 'sync lags' : `not served since ${last}`,
  );
  if (!stand.served && times >= (last === null ? NEVER_SERVED_MAX : NOT_SERVED_MAX)) {
    throw new NotCaughtUp(
      `partitions of ${run.migration} were not passed by an applier for ${Math.round((times * PATIENCE_MS) / 60_000)} minutes and more; see the executions of the state machine Sync and the log of applyChanges, then resume, which starts it again`,
    );
  }
  return { verdict: 'wait', seconds: Math.min(waits, WAIT_SECONDS_MAX) };
}

/** Instant of the least recent pass; null if a partition never had one. */
function lastPass({ partitions }: Stand): string | null {
  const passes = partitions.map(({ passedAt }) => passedAt);
  return passes.includes(null) ? null : ((passes as string[]).sort()[0] ?? null);
}

function refusedText({ partitions }: Stand): string {
  const tables = new Map<string, number>();
  for (const { table, refused } of partitions) tables.set(table, (tables.get(table) ?? 0) + refused);
  const named = [...tables].filter(([, refused]) => refused > 0).map(([table, rows]) => `${table} (${rows})`);
  return `the target refuses rows of ${named.join(', ')}; \`sluice status\` names them by hashed key. Mend them in the source, or the target, then resume`;
}

async function compareAgain(context: StageContext, chunks: readonly ChunkRecord[]): Promise<void> {
  const { control, run } = context;
  const { migration, generation } = run;
  for (const { table, chunk } of chunks)
    await control.chunks.compareAgain({ migration, generation, table, chunk });
  const round = await control.noteRound(migration);
  // The next waves find the same chunks as the last round's, and not in vain.
  await control.noteWave(migration, `round ${round} of comparing`);
  await control.journal.append(migration, generation, 'touched chunks are compared again', {
    round,
    chunks: chunks.length,
  });
}

import { ERRORS } from '../../contract/errors';
import { traitsOf, WAVE_ITEMS_MAX } from '../../contract/lifecycle';
import type { ChunkItem, Purpose, Wave } from '../../contract/payloads';
import { CopyFailed, FenceExpired, RowsRefused } from '../errors';
import type { ChunkRecord, MigrationRecord } from '../ledger';
import { failIfHistoryFull } from '../execution/history';
import { isFinished, ownedRecord } from '../execution/run-stage';
import type { StageContext } from '../world';

/** Claims without progress after which a chunk is abandoned. */
const STALLED_MAX = 8;
/** Maximum consecutive waves that find the same work. */
const WAVES_WITHOUT_PROGRESS_MAX = 3;
/** Generous bound on the difference between two clocks. */
const CLOCK_DIFFERENCE_MS = 60_000;

/**
 * Lists the chunks that still need to be copied or compared. Failures are read from the ledger, not from the Map's outcome.
 * @throws CopyFailed if a chunk makes no progress
 * @throws RowsRefused if one refuses too many rows
 */
export async function nextWave(
  context: StageContext,
  { purpose }: { readonly purpose: Purpose },
): Promise<Wave> {
  const { control, run, definition } = context;
  failIfHistoryFull(run);
  const concurrency = definition.throttle.copiersMax;
  const record = await ownedRecord(context);
  failIfFenceExpired(context, record);
  const chunks = await control.chunks.list(run.migration, run.generation);
  const pending = chunks.filter(purpose === 'copy' ? isUncopied : isUncompared);
  failOnAbandonedChunks(pending);
  await failWithoutProgress(context, purpose, pending);
  if (pending.length === 0 && purpose === 'copy' && !isFinished(record, 'backfill')) {
    await control.finishStage(run.migration, run.generation, 'backfill');
    await control.journal.append(run.migration, run.generation, 'backfill finished', {
      chunks: chunks.length,
    });
  }
  return {
    items: pending.slice(0, WAVE_ITEMS_MAX).map(({ table, chunk }): ChunkItem => {
      return { migration: run.migration, generation: run.generation, direction: run.direction, table, chunk };
    }),
    concurrency,
    verdict: pending.length === 0 ? 'empty' : 'wave',
  };
}

/**
 * Stops early a copy that the seal would refuse anyway. The source's clock decides there; this check only saves hours of
 * useless copying, so it allows for a difference between the clocks.
 * @throws FenceExpired
 */
function failIfFenceExpired({ clock }: StageContext, record: MigrationRecord): void {
  // Shapes that fence at the cutover copy and compare under writes; an expired fence costs them nothing.
  if (traitsOf(record.shape).fences === 'cutover') return;
  if (record.fenceDeadline === null || isFinished(record, 'seal')) return;
  if (clock.now() < Date.parse(record.fenceDeadline) + CLOCK_DIFFERENCE_MS) return;
  throw new FenceExpired(
    `the fence on the source of migration ${record.migration} expired at ${record.fenceDeadline}: rows may have changed since. Abort, and start again with a longer fence.minutes`,
  );
}

/** Detects items that fail before they claim their chunk: they leave no trace in it, but the next wave finds the same work. */
async function failWithoutProgress(
  { control, run }: StageContext,
  purpose: Purpose,
  pending: readonly ChunkRecord[],
) {
  if (pending.length === 0) return;
  const claims = pending.reduce((sum, chunk) => sum + chunk.token + chunk.stalled, 0);
  const times = await control.recordWave(run.migration, `${purpose} ${pending.length} ${claims}`);
  if (times <= WAVES_WITHOUT_PROGRESS_MAX) return;
  throw new CopyFailed(
    `no worker claimed ${pending.length} chunk(s) to ${purpose} in ${WAVES_WITHOUT_PROGRESS_MAX} waves. Check the function's log, then resume`,
  );
}

const isUncopied = (chunk: ChunkRecord): boolean => chunk.state !== 'closed';
const isUncompared = (chunk: ChunkRecord): boolean =>
  chunk.state === 'closed' && chunk.comparison === 'unknown';

function failOnAbandonedChunks(pending: readonly ChunkRecord[]): void {
  const name = ({ table, chunk, failure }: ChunkRecord) =>
    `${table}#${chunk} (${failure ?? 'no error was recorded'})`;
  const refused = pending.filter((chunk) => chunk.failure === ERRORS.rowsRefused);
  if (refused.length > 0) {
    throw new RowsRefused(
      `the target refuses too many rows of ${refused.map(name).join(', ')}. Fix the target, then resume`,
    );
  }
  const stalled = pending.filter((chunk) => chunk.stalled >= STALLED_MAX);
  if (stalled.length > 0) {
    throw new CopyFailed(
      `${stalled.length} chunk(s) made no progress in ${STALLED_MAX} attempts: ${stalled.slice(0, 10).map(name).join(', ')}. Check the copier's log, then resume`,
    );
  }
}

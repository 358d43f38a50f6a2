import { ERRORS } from '../../contract/errors';
import { traitsOf, WAVE_ITEMS_MAX } from '../../contract/lifecycle';
import type { ChunkItem, Purpose, Wave } from '../../contract/payloads';
import { CopyFailed, FenceExpired, RowsRefused } from '../errors';
import type { ChunkRecord, MigrationRecord } from '../ledger';
import { refuseFullHistory } from '../execution/history';
import { isFinished, ownedRecord } from '../execution/run-stage';
import type { StageContext } from '../world';

/** Claims without progress after which a chunk is given up on. */
const STALLED_MAX = 8;
/** Waves in a row that find just the same to do, at most. */
const IN_VAIN_MAX = 3;
/** What two clocks may differ by, generously. */
const CLOCK_DIFFERENCE_MS = 60_000;

/**
 * The chunks that still need copying, or comparing. What failed is read from the ledger, not from the Map's outcome.
 * @throws CopyFailed if a chunk does not progress; @throws RowsRefused if one refuses too many rows
 */
export async function nextWave(
  context: StageContext,
  { purpose }: { readonly purpose: Purpose },
): Promise<Wave> {
  const { control, run, definition } = context;
  refuseFullHistory(run);
  const concurrency = definition.throttle.copiersMax;
  const record = await ownedRecord(context);
  refuseExpired(context, record);
  const chunks = await control.chunks.list(run.migration, run.generation);
  const pending = chunks.filter(purpose === 'copy' ? isUncopied : isUncompared);
  refuseHopeless(pending);
  await refuseInVain(context, purpose, pending);
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
 * Stops early what the seal would refuse anyway. The source's own clock decides there; this one only saves the hours of a
 * copy that is worth nothing, so it allows for a difference between the two.
 * @throws FenceExpired
 */
function refuseExpired({ clock }: StageContext, record: MigrationRecord): void {
  // A live migration copies and compares beside the writers; its fence comes after that, and goes without loss.
  if (traitsOf(record.shape).fences === 'cutover') return;
  if (record.fenceDeadline === null || isFinished(record, 'seal')) return;
  if (clock.now() < Date.parse(record.fenceDeadline) + CLOCK_DIFFERENCE_MS) return;
  throw new FenceExpired(
    `the fence on the source of migration ${record.migration} opened itself at ${record.fenceDeadline}: rows may have changed since; abort, and start again with a longer fence.minutes`,
  );
}

/** Items that fail before they can claim their chunk leave no trace in it, but the wave after finds the same again. */
async function refuseInVain(
  { control, run }: StageContext,
  purpose: Purpose,
  pending: readonly ChunkRecord[],
) {
  if (pending.length === 0) return;
  const claims = pending.reduce((sum, chunk) => sum + chunk.token + chunk.stalled, 0);
  const times = await control.noteWave(run.migration, `${purpose} ${pending.length} ${claims}`);
  if (times <= IN_VAIN_MAX) return;
  throw new CopyFailed(
    `${pending.length} chunk(s) were handed out ${IN_VAIN_MAX} times to ${purpose}, and nobody took them; see the log of the function, then resume`,
  );
}

const isUncopied = (chunk: ChunkRecord): boolean => chunk.state !== 'closed';
const isUncompared = (chunk: ChunkRecord): boolean =>
  chunk.state === 'closed' && chunk.comparison === 'unknown';

function refuseHopeless(pending: readonly ChunkRecord[]): void {
  const name = ({ table, chunk, failure }: ChunkRecord) =>
    `${table}#${chunk} (${failure ?? 'no error was seen'})`;
  const poisoned = pending.filter((chunk) => chunk.failure === ERRORS.rowsRefused);
  if (poisoned.length > 0) {
    throw new RowsRefused(
      `the target refuses too many rows of ${poisoned.map(name).join(', ')}; mend it, then resume`,
    );
  }
  const stalled = pending.filter((chunk) => chunk.stalled >= STALLED_MAX);
  if (stalled.length > 0) {
    throw new CopyFailed(
      `${stalled.length} chunk(s) do not progress after ${STALLED_MAX} attempts: ${stalled.slice(0, 10).map(name).join(', ')}; see the log of the copier, then resume`,
    );
  }
}

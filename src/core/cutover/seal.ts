import { traitsOf } from '../../contract/lifecycle';
import type { Run } from '../../contract/payloads';
import { intentOf } from '../../contract/writes';
import { WrongState } from '../errors';
import { generationPrefix, type MigrationRecord } from '../ledger';
import { intactCaptures } from '../sync/captures';
import { assertDrained } from './drain';
import { ensureGuardState } from './ensure-guard-state';
import { isFinished, runStage } from '../execution/run-stage';
import type { StageContext } from '../world';

/** Gap that a sequence of the receiving side leaves after both positions, because a guard does not stop nextval. */
const SEQUENCE_GAP = 1_000;

/**
 * Sets the sequences, then makes the fence permanent under the lock, unless it has expired. Where appliers write, every lease
 * is then closed permanently, so that no late request of theirs reaches the receiving end after the flip.
 * @throws FenceExpired if it has, or if a change was not applied: the verification is then void
 */
export const seal = (context: StageContext): Promise<Run> =>
  runStage(context, 'seal', async (record) => {
    const { run, flow } = context;
    if (!isFinished(record, 'verify'))
      throw new WrongState(`migration ${run.migration} is not verified, so nothing was sealed`);
    if (intentOf(record.writes) === null)
      throw new WrongState(`writes of ${run.migration} are at the ${record.writes}, not fenced`);
    const sequences = await advanceSequences(context);
    await makePermanent(context, record);
    if (traitsOf(record.shape).capturesChanges) {
      await assertDrained(context, await intactCaptures(context, run.generation));
      await flow.to.leases.closeAll(generationPrefix(run.migration, flow.to.side, run.generation));
    }
    return { sequences };
  });

/** Draws the epoch before it reads the record, so that the seal of a fence that was cancelled in between is older than the next fence. */
async function makePermanent({ control, flow, run }: StageContext, record: MigrationRecord): Promise<void> {
  const { guard } = flow.from;
  if ((await guard.readGuard(run.migration))?.state === 'sealed') return;
  const epoch = await control.nextEpoch(run.migration);
  const { writes } = await control.recordOrFail(run.migration);
  if (writes !== record.writes)
    throw new WrongState(
      `writes of ${run.migration} are ${writes}, not ${record.writes}, so nothing was sealed`,
    );
  await ensureGuardState(guard, { migration: run.migration, epoch, state: 'sealed', from: ['fenced'] });
}

async function advanceSequences({ control, flow, run }: StageContext): Promise<Record<string, string>> {
  const tables = await control.chunks.tables(run.migration, run.generation);
  const sequences = tables.flatMap(({ layout }) => layout.sequences);
  const positions = await Promise.all(
    sequences.map(async (sequence) => {
      const position = await flow.from.guard.sequencePosition(sequence.from);
      return [sequence.to, await flow.to.guard.advanceSequence(sequence.to, position, SEQUENCE_GAP)] as const;
    }),
  );
  return Object.fromEntries(positions);
}

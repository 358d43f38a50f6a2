import { traitsOf } from '../../contract/lifecycle';
import type { Run } from '../../contract/payloads';
import { intentOf } from '../../contract/writes';
import { WrongState } from '../errors';
import { generationPrefix, type MigrationRecord } from '../ledger';
import { intactCaptures } from '../sync/captures';
import { assertDrained } from './drain';
import { reachGuard } from './reach-guard';
import { isFinished, runStage } from '../execution/run-stage';
import type { StageContext } from '../world';

/** How far a sequence of the receiving side starts beyond both: a guard does not stop nextval. */
const SEQUENCE_GAP = 1_000;

/**
 * Sets the sequences, then makes the fence permanent, under the lock, if it has not expired. Where appliers write,
 * every lease is then closed for good, so that none of their late requests reaches the receiving end after the flip.
 * @throws FenceExpired if it has, or if a change is left that no applier applied: what was verified is void
 */
export const seal = (context: StageContext): Promise<Run> =>
  runStage(context, 'seal', async (record) => {
    const { run, flow } = context;
    if (!isFinished(record, 'verify'))
      throw new WrongState(`migration ${run.migration} is not verified; nothing is sealed`);
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

/** The epoch comes before the look at the record, so that a seal of a fence that was cancelled since is older than the next. */
async function makePermanent({ control, flow, run }: StageContext, record: MigrationRecord): Promise<void> {
  const { guard } = flow.from;
  if ((await guard.readGuard(run.migration))?.state === 'sealed') return;
  const epoch = await control.nextEpoch(run.migration);
  const { writes } = await control.recordOrFail(run.migration);
  if (writes !== record.writes)
    throw new WrongState(`writes of ${run.migration} are ${writes}, not ${record.writes}; nothing is sealed`);
  await reachGuard(guard, { migration: run.migration, epoch, state: 'sealed', from: ['fenced'] });
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

import type { Run } from '../../contract/payloads';
import { intentOf } from '../../contract/writes';
import { BrokenLedger, WrongState } from '../errors';
import { generationPrefix, type MigrationRecord } from '../ledger';
import { behindFence } from './cancel-fence';
import { intactCaptures } from './captures';
import { assertDrained } from './drain';
import { reachGuard } from './reach-guard';
import { isFinished, runStage } from './stage';
import type { StageContext } from './world';

/** How far a sequence of the receiving side starts beyond both: a guard does not stop nextval. */
const SEQUENCE_GAP = 1_000;

/**
 * Sets the sequences, then makes the fence permanent, under the lock, if it has not opened itself. Where appliers write,
 * every lease is then closed for good, so that nothing of theirs that is still on its way reaches the target after the flip.
 * @throws FenceExpired if it has, or if a change is left that nobody applied: what was verified is worth nothing
 */
export const seal = (context: StageContext): Promise<Run> =>
  behindFence(context, () =>
    runStage(context, 'seal', async (record) => {
      const { run, flow } = context;
      if (!isFinished(record, 'verify'))
        throw new WrongState(`migration ${run.migration} is not verified; nothing is sealed`);
      if (intentOf(record.writes) === null)
        throw new WrongState(`writes of ${run.migration} are at the ${record.writes}, not fenced`);
      const sequences = await advanceSequences(context);
      await makePermanent(context, record);
      if (record.shape === 'cdc') {
        await assertDrained(context, await intactCaptures(context, run.generation));
        await flow.to.leases.closeAll(generationPrefix(run.migration, flow.to.side, run.generation));
      }
      return { sequences };
    }),
  );

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

/** The point of no return: the compare-and-set that competes with an abort's. After it, only forward. */
export const flip = (context: StageContext): Promise<Run> => {
  const { control, run, flow } = context;
  const { side } = flow.to;
  return runStage(
    context,
    'flip',
    async (record) => {
      if (record.writes === side) return { writes: side };
      if (!isFinished(record, 'seal') || intentOf(record.writes)?.to !== side)
        throw new WrongState(`migration ${run.migration} is not sealed; nothing is flipped`);
      if (!(await control.setWrites(run.migration, record.writes, side, ['running']))) {
        // Another invocation of this very step may have been quicker.
        const { writes } = await control.recordOrFail(run.migration);
        if (writes !== side) throw new WrongState(`migration ${run.migration} was cancelled before the flip`);
      }
      return { from: record.writes, writes: side };
    },
    side,
  );
};

/** Opens the receiving side to its application, under a new epoch, and points the route at it. */
export const openTarget = (context: StageContext): Promise<Run> =>
  runStage(context, 'open-target', async (record) => {
    const { control, flow, run } = context;
    const { side } = flow.to;
    if (record.writes !== side)
      throw new WrongState(`writes of ${run.migration} are ${record.writes}; the ${side} stays dark`);
    const guard = await flow.to.guard.readGuard(run.migration);
    if (!guard) throw new BrokenLedger(`the ${side} of ${run.migration} has no guard; it cannot be opened`);
    const epoch = await control.nextEpoch(run.migration);
    if (guard.state !== 'open') {
      await reachGuard(flow.to.guard, { migration: run.migration, epoch, state: 'open', from: ['dark'] });
    }
    await control.setRoute(run.migration, side, epoch);
    return { epoch };
  });

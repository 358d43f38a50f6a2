import { traitsOf } from '../../contract/lifecycle';
import type { Run } from '../../contract/payloads';
import { intentOf } from '../../contract/writes';
import {
  asOwningRun,
  assertLedgerIsCurrent,
  authorityOf,
  readOwnGuard,
  underDrawnAuthority,
} from '../authority';
import { ForeignOwner, WrongState } from '../errors';
import type { MigrationRecord } from '../ledger';
import { intactCaptures } from '../sync/captures';
import { assertDrained } from './drain';
import { ensureGuardState } from './ensure-guard-state';
import { assertReceivingPartitions } from './guarded-tables';
import { isFinished, ownedRecord, runStage } from '../execution/run-stage';
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
    const [sequences] = await Promise.all([advanceSequences(context), assertReceiverIsOwn(context)]);
    await makePermanent(context, record);
    if (traitsOf(record.shape).capturesChanges) {
      await assertDrained(context, await intactCaptures(context, run.generation));
      await underDrawnAuthority(
        context,
        run.migration,
        flow.to,
        () => ownedRecord(context),
        (authority) => flow.to.leases.closeAll(authority),
      );
    }
    return { sequences };
  });

/**
 * Nothing is decided for a receiving end that another control plane has adopted, because this one could not open it, or whose
 * partitions were changed.
 * @throws ForeignOwner, VerificationFailed
 */
async function assertReceiverIsOwn(context: StageContext): Promise<void> {
  const { flow, run } = context;
  if (await readOwnGuard(context, flow.to, run.migration)) return assertReceivingPartitions(context);
  throw new ForeignOwner(
    `the guard of the ${flow.to.side} of migration ${run.migration} no longer belongs to this control plane: it was adopted by another one, or removed. Nothing was sealed`,
  );
}

/** Draws the epoch before it reads the record, so that the seal of a fence that was cancelled in between is older than the next fence. */
async function makePermanent(context: StageContext, record: MigrationRecord): Promise<void> {
  const { control, flow, run } = context;
  if ((await readOwnGuard(context, flow.from, run.migration))?.state === 'sealed') return;
  await assertLedgerIsCurrent(context, run.migration, [flow.from]);
  const epoch = await control.nextEpoch(run.migration);
  const { writes } = await control.recordOrFail(run.migration);
  if (writes !== record.writes)
    throw new WrongState(
      `writes of ${run.migration} are ${writes}, not ${record.writes}, so nothing was sealed`,
    );
  const authority = await authorityOf(context, { ...record, epoch });
  await ensureGuardState(flow.from.guard, authority, { state: 'sealed' });
}

async function advanceSequences(context: StageContext): Promise<Record<string, string>> {
  const { control, flow, run } = context;
  const tables = await control.chunks.tables(run.migration, run.generation);
  const sequences = tables.flatMap(({ layout }) => layout.sequences);
  const positions = await asOwningRun(context, (authority) =>
    Promise.all(
      sequences.map(async ({ from, to }) => {
        const position = await flow.from.guard.sequencePosition(authority, from);
        const advanced = flow.to.guard.advanceSequence(authority, to, position, SEQUENCE_GAP);
        return [to, await advanced] as const;
      }),
    ),
  );
  return Object.fromEntries(positions);
}

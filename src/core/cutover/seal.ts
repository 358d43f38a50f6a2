import { traitsOf } from '../../contract/lifecycle';
import type { Run } from '../../contract/payloads';
import { intentOf } from '../../contract/writes';
import { assertLedgerIsCurrent, authorityOf, readOwnGuard } from '../authority';
import { ForeignOwner, WrongState } from '../errors';
import type { MigrationRecord } from '../ledger';
import { intactCaptures } from '../sync/captures';
import { attemptEpochsOf } from './attempt-epochs';
import { assertDrained } from './drain';
import { assertReceiverUntouched } from './guarded-tables';
import type { Authority } from '../ports';
import { SEQUENCE_GAP, distinctSequences } from '../sequences';
import { isFinished, ownedRecord, runStage } from '../execution/run-stage';
import type { StageContext } from '../world';

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
    const [sequences] = await Promise.all([advanceSequences(context, record), assertReceiverIsOwn(context)]);
    await makePermanent(context, record);
    if (traitsOf(record.shape).capturesChanges) {
      await assertDrained(context, await intactCaptures(context, run.generation));
      await flow.to.leases.closeAll(await sealAuthority(context, record));
    }
    return { sequences };
  });

/**
 * Nothing is decided for a receiving end that another control plane has adopted, because this one could not open it, or whose
 * tables were changed.
 * @throws ForeignOwner, VerificationFailed
 * @throws WrongState if an abort removed the guard
 */
async function assertReceiverIsOwn(context: StageContext): Promise<void> {
  const { flow, run } = context;
  if (await readOwnGuard(context, flow.to, run.migration)) return assertReceiverUntouched(context);
  await ownedRecord(context);
  throw new ForeignOwner(
    `the guard of the ${flow.to.side} of migration ${run.migration} no longer belongs to this control plane: it was adopted by another one, or removed. Nothing was sealed`,
  );
}

async function makePermanent(context: StageContext, record: MigrationRecord): Promise<void> {
  const { flow, run } = context;
  await assertLedgerIsCurrent(context, run.migration, [flow.from]);
  await flow.from.guard.setGuard(await sealAuthority(context, record), { state: 'sealed' });
}

/** Of the attempt: if it was cancelled since, the guard has its newer epoch, and refuses. */
const sealAuthority = (context: StageContext, record: MigrationRecord): Promise<Authority> =>
  authorityOf(context, record, attemptEpochsOf(record).seal);

async function advanceSequences(
  context: StageContext,
  record: MigrationRecord,
): Promise<Record<string, string>> {
  const { control, flow, run } = context;
  const tables = await control.chunks.tables(run.migration, run.generation);
  const sequences = distinctSequences(tables.flatMap(({ layout }) => layout.sequences));
  const authority = await sealAuthority(context, record);
  const positions = await Promise.all(
    sequences.map(async ({ from, to }) => {
      const position = await flow.from.guard.sequencePosition(authority, from);
      const advanced = flow.to.guard.advanceSequence(authority, to, position, SEQUENCE_GAP);
      return [to, await advanced] as const;
    }),
  );
  return Object.fromEntries(positions);
}

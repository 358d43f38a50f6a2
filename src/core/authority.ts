import { rolesOf, type Side } from '../contract/sides';
import { intentOf, servingSide } from '../contract/writes';
import { attemptEpochsOf } from './cutover/attempt-epochs';
import { FencedOut, ForeignOwner, RestoredLedger } from './errors';
import { assertLedgerIsOriginal } from './assert-ledger-is-original';
import { ownedRecord } from './execution/run-stage';
import type { MigrationRecord } from './ledger';
import type { GuardStatus } from './guard-ports';
import type { End } from './ends';
import type { Authority } from './ports';
import type { StageContext, World } from './world';

type Ledger = Pick<World, 'control'>;

/**
 * The authority of a controlling call that acts on a record as it was read.
 * @param epoch of a change of a guard. @default the epoch in effect
 * @throws RestoredLedger if the record belongs to another control plane
 */
export async function authorityOf(
  { control }: Ledger,
  record: Pick<MigrationRecord, 'migration' | 'generation' | 'owner' | EpochField>,
  epoch = epochInEffect(record),
): Promise<Authority> {
  await assertLedgerIsOriginal(control, record);
  const { owner, migration, generation } = record;
  return { owner, migration, generation, epoch };
}

type EpochField = 'epoch' | 'fenceEpoch' | 'writes';

/**
 * The epoch of calls that change no guard, such as a worker's. A cutover attempt has reserved later epochs: a call that read the
 * record before the seal must be older than the seal, which ends the worker's writes.
 */
const epochInEffect = ({ epoch, fenceEpoch, writes }: Pick<MigrationRecord, EpochField>): number =>
  intentOf(writes) === null || fenceEpoch === null ? epoch : fenceEpoch;

/** This control plane's guard of a migration at one end, or null. */
export const readOwnGuard = async (
  { control }: Ledger,
  { guard }: Pick<End, 'guard'>,
  migration: string,
): Promise<GuardStatus | null> => guard.readGuard({ owner: await control.owner(), migration });

/**
 * Makes a controlling call under the epoch of a record that permits it. The record is read first, so that whatever an abort does
 * later is newer. If another invocation gave the guard a newer epoch in between, the record is read again and decides.
 * @param read returns the record. @throws if the call is no longer permitted
 */
export async function underAuthority<T>(
  ledger: Ledger,
  read: () => Promise<MigrationRecord>,
  call: (authority: Authority) => Promise<T>,
): Promise<T> {
  for (let refused: number | null = null; ;) {
    const record = await read();
    try {
      return await call(await authorityOf(ledger, record));
    } catch (error) {
      if (!(error instanceof FencedOut) || record.epoch === refused) throw error;
      refused = record.epoch;
    }
  }
}

/** The same for a run that has to own the migration. */
export const asOwningRun = <T>(
  context: StageContext,
  call: (authority: Authority) => Promise<T>,
): Promise<T> => underAuthority(context, () => ownedRecord(context), call);

/**
 * Makes sure, before an epoch is drawn, that the ledger drew those of the guards. An epoch is drawn before a guard carries it, and
 * the guards are read before the record; so a newer guard shows that the control table was restored to an earlier state, in which a
 * flip may be missing. Without this check, the epochs of a restored ledger would catch up with the guards.
 * @returns the guards of the ends
 * @throws RestoredLedger
 */
export async function assertLedgerIsCurrent(
  { control }: Ledger,
  migration: string,
  ends: readonly Pick<End, 'guard' | 'side'>[],
): Promise<readonly (GuardStatus | null)[]> {
  const owner = await control.owner();
  const guards = await Promise.all(
    ends.map(async ({ guard, side }) => ({ side, guard: await guard.readGuard({ owner, migration }) })),
  );
  const record = await control.recordOrFail(migration);
  await assertLedgerIsOriginal(control, record);
  for (const { side, guard } of guards) {
    const why = guard && whyEarlier(record, side, guard);
    if (why === null) continue;
    throw new RestoredLedger(
      `the guard of the ${side} of migration ${migration} is ${guard!.state} with epoch ${guard!.epoch}, but ${why}: the control table was restored to an earlier state. Nothing was changed. Take the guards over: npx sluice adopt ${migration}`,
    );
  }
  return guards.map(({ guard }) => guard);
}

/**
 * Why a record is from before a change of a guard, or null. An attempt reserves its epochs in advance, so that the epochs alone do
 * not show that its flip is missing: the receiving side is opened after it.
 */
function whyEarlier(record: MigrationRecord, side: Side, guard: GuardStatus): string | null {
  const { epoch, fenceEpoch, writes, direction } = record;
  if (guard.epoch > epoch) return `the record has drawn only ${epoch}`;
  const isOpened = fenceEpoch !== null && guard.epoch === attemptEpochsOf(record).open;
  const isBefore = side === rolesOf(direction).to && servingSide(writes) !== side;
  return guard.state === 'open' && isOpened && isBefore ? `the record says that writes are ${writes}` : null;
}

/**
 * Draws the epoch of a change of a guard, and then makes sure that `read` permits it: whatever an abort or a later generation does
 * after that read is newer.
 */
export async function drawAuthority(
  ledger: Ledger,
  migration: string,
  ends: readonly Pick<End, 'guard' | 'side'>[],
  read: () => Promise<MigrationRecord>,
): Promise<Authority> {
  await assertLedgerIsCurrent(ledger, migration, ends);
  const epoch = await ledger.control.nextEpoch(migration);
  return authorityOf(ledger, await read(), epoch);
}

/** Makes a call of an abort at one end. Returns why nothing was done if the end's guard belongs to another control plane, else null. */
export async function unlessForeign(call: () => Promise<unknown>): Promise<string | null> {
  try {
    await call();
    return null;
  } catch (error) {
    if (error instanceof ForeignOwner) return error.message;
    throw error;
  }
}

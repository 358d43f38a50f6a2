import { RestoredLedger } from './errors';
import type { MigrationRecord } from './ledger';
import type { Control } from './world';

/**
 * Makes sure that a record belongs to this control plane. In a control table that was restored from a backup, it belongs to the
 * original, and may lack later decisions, even if its epoch equals the guards'.
 * @throws RestoredLedger
 */
export async function assertLedgerIsOriginal(
  control: Pick<Control, 'owner'>,
  { migration, owner }: Pick<MigrationRecord, 'migration' | 'owner'>,
): Promise<void> {
  const own = await control.owner();
  if (owner === own) return;
  throw new RestoredLedger(
    `the record of migration ${migration} belongs to control plane ${owner}, and this control table is control plane ${own}: it was restored from a backup and may lack later decisions. Nothing was changed. Take the guards over: npx sluice adopt ${migration}`,
  );
}

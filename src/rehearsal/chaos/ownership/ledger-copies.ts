import { controlTableName } from '../../../contract/names';
import { ENVIRONMENT, type OpenRehearsal } from '../../rehearse';
import { copyLedger, type LedgerItem } from './ledger-copy';

/** Copies of the migration's ledger, by generation and moment. */
export type LedgerCopies = Map<string, readonly LedgerItem[]>;

export const copyOf = ({ engine }: OpenRehearsal): Promise<readonly LedgerItem[]> =>
  copyLedger(controlTableName(ENVIRONMENT), engine.environment);

import { stagesOf, type Stage } from '../../contract/lifecycle';
import type { Side } from '../../contract/sides';
import { isAborting } from '../../contract/writes';
import type { Problem } from '../errors';
import type { MigrationRecord } from '../ledger';
import type { AdoptedRecord } from './ports';
import type { GuardPair } from './serving-side';

/** The part of the adopted record that follows from guards and record. */
export type AdoptedAs = Pick<AdoptedRecord, 'direction' | 'status' | 'stage' | 'writes' | 'captureLost'>;

/** Recorded as the loss of a generation whose records of chunks and verdicts are void. */
const RECORDS_VOID =
  'the control table was restored or recreated, so what it records about chunks and comparisons is void';

/** The remedy if a record and guards do not show together which side serves. */
export const REMOVE_BY_HAND =
  'Find out which database the application writes to, and whether the other one has writes that this one lacks. If the target serves, the source stays closed, and nothing needs to be adopted. Otherwise restore the control table to a later time; or close the other database to the application, and see "Remove Sluice by hand" in the runbook';

interface Facts {
  readonly guards: GuardPair;
  /** According to the guards. */
  readonly serving: Side;
  /** The record of this generation, or null if the ledger has none. */
  readonly record: MigrationRecord | null;
  readonly lastStage: Stage;
}

/** Decides how the record continues, so that no two sides can open. A generation that had not flipped can only be aborted. */
export function adoptedAs({ guards, serving, record, lastStage }: Facts): AdoptedAs | Problem {
  if (record?.direction === 'reverse') return contradiction(record, 'its generation has direction reverse');
  if (record !== null && isEnding(record) && serving === 'target')
    return contradiction(record, 'the guards say that the target serves');
  if (record?.writes === 'target') {
    // The ledger knows the flip; the guards may be from before the target opened.
    const isSourceClosed = guards.source?.state === 'sealed';
    if (!isSourceClosed) return contradiction(record, 'the source is not sealed');
    const { stage, captureLost } = record;
    const status = record.status === 'done' ? 'done' : 'held';
    return { direction: 'forward', writes: 'target', status, stage, captureLost };
  }
  if (serving === 'target')
    return { direction: 'forward', writes: 'target', status: 'done', stage: lastStage, captureLost: null };
  // An abort that had been decided is decided again, because the epochs that it reserved are older now.
  const captureLost = record?.captureLost ?? RECORDS_VOID;
  return { direction: 'forward', writes: 'source', status: 'held', stage: null, captureLost };
}

/**
 * Decides how the record continues if neither database has a guard. A generation that had not flipped can only be aborted.
 * @param hasMoved whether the databases are restored copies, whose guards were released: after a flip, nothing is left to do
 */
export function adoptedWithoutGuards(record: MigrationRecord, hasMoved: boolean): AdoptedAs | Problem {
  const { status, writes, captureLost, shape } = record;
  if (writes === 'target' && status !== 'done' && !hasMoved)
    // The databases may be from before the flip, and there is no guard that a resumed cutover could open.
    return contradiction(record, 'neither database has a guard');
  if (writes === 'target')
    return {
      ...{ direction: 'forward', writes, captureLost },
      ...{ status: 'done', stage: stagesOf(shape).at(-1)! },
    };
  return {
    ...{ direction: 'forward', writes: 'source', stage: null, captureLost: captureLost ?? RECORDS_VOID },
    status: status === 'aborted' ? 'aborted' : 'held',
  };
}

const isEnding = ({ status, writes }: MigrationRecord): boolean => status === 'aborted' || isAborting(writes);

const contradiction = ({ generation, status, writes }: MigrationRecord, but: string): Problem => ({
  check: 'record-agrees',
  subject: 'control table',
  found: `the record says that generation ${generation} is ${status} and writes are ${writes}, but ${but}`,
  remedy: REMOVE_BY_HAND,
});

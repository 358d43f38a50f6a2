import type { Side } from '../../contract/sides';
import type { Problem } from '../errors';
import type { MigrationRecord } from '../ledger';
import type { DatabaseUse } from './database-use';
import { describeGuard } from './describe-guard';
import type { FoundGuard } from './ports';

/** Everything that decides whether a migration of this ledger needs the guards of one database. */
export interface Judged {
  readonly migration: string;
  readonly environment: string;
  readonly side: Side;
  /** This control plane's id. */
  readonly owner: string;
  readonly record: MigrationRecord;
  readonly use: DatabaseUse;
  /** Whether a person states that the side's frozen database is lost for good. */
  readonly isOriginalLost: boolean;
}

/** Where a source that stays closed is described, and how a person opens it nevertheless. */
const AFTER_THE_FLIP = 'see "After a finished migration" in the runbook';

/** Reasons to keep the guards: a migration uses the database, or that cannot be excluded. */
export function inUseProblems(judged: Judged, seen: readonly FoundGuard[]): Problem[] {
  const { migration, side, use, isOriginalLost } = judged;
  if (use.kind === 'restarted')
    return [
      {
        check: 'same-server',
        subject: side,
        found: `the server restarted while the database was compared with those that migration ${migration} uses`,
        remedy: 'Repeat the command',
      },
    ];
  if (isOriginalLost && use.lost === null)
    return [
      {
        check: 'original-is-lost',
        subject: side,
        found: `the database that migration ${migration} was started with can be reached`,
        remedy: 'Repeat the command without --original-is-lost',
      },
    ];
  return seen.flatMap((guard) => problemOf(judged, guard) ?? []);
}

function problemOf(judged: Judged, guard: FoundGuard): Problem | null {
  const { owner, record, side, use, isOriginalLost } = judged;
  const isOver = record.status === 'aborted' || (record.status === 'done' && record.writes === side);
  if (isOver && isCurrent(judged, guard)) return null;
  if (use.kind === 'frozen')
    return record.status === 'aborted' && !isOwn(judged, guard) ? null : notInUse(judged, guard);
  if (record.status === 'aborted') return null;
  // A restored ledger's generation belongs to the original, which used the original's databases.
  const isUsed = use.kind === 'deployed' && record.owner === owner && isOwn(judged, guard);
  if (isOriginalLost) return null;
  if (isUsed) return use.lost === null ? notInUse(judged, guard) : maybeRenamed(judged, guard);
  // Opening the side that serves, or the source before the flip, leaves at most one side open.
  const mayOpen = side === (record.writes === 'target' ? 'target' : 'source');
  return use.lost === null || mayOpen ? null : maybeRenamed(judged, guard);
}

const isOwn = ({ owner, record }: Judged, guard: FoundGuard): boolean =>
  guard.owner === owner || guard.owner === record.owner;

/** Whether the ledger knows all that the guard has obeyed. */
const isCurrent = (judged: Judged, guard: FoundGuard): boolean =>
  judged.record.owner === judged.owner &&
  isOwn(judged, guard) &&
  guard.generation <= judged.record.generation &&
  guard.epoch <= judged.record.epoch;

/** The database that the ledger's migration uses: an abort restores it, and after the flip its source stays closed. */
const notInUse = (judged: Judged, guard: FoundGuard): Problem => ({
  check: 'not-in-use',
  subject: judged.side,
  found: `migration ${judged.migration} of this ledger uses it: ${stateOf(judged, guard)}`,
  remedy: remedyOf(judged, guard),
});

function remedyOf(judged: Judged, guard: FoundGuard): string {
  const { migration, environment, side, record } = judged;
  if (record.status === 'done' && record.writes !== side)
    return `The target serves the application, so the source stays closed: ${AFTER_THE_FLIP}`;
  if (!isOwn(judged, guard) && guard.environment !== '' && guard.environment !== environment)
    return `Decide with the ledger of the guard's environment: npx sluice forget ${migration} --side ${side} --env ${guard.environment}`;
  if (!isCurrent(judged, guard))
    return `The control table was restored from a backup, or another control plane took the guard over, so the record may lack later decisions. Take the guards over first: npx sluice adopt ${migration} --env ${environment}`;
  return record.writes === 'target'
    ? `The target serves the application, so the source stays closed. Finish the move, then ${AFTER_THE_FLIP}`
    : `Abort the migration instead: npx sluice abort ${migration} --env ${environment}`;
}

/** A cluster that was renamed has another ARN, and cannot be distinguished from a copy of a lost one. */
const maybeRenamed = (judged: Judged, guard: FoundGuard): Problem => ({
  check: 'original-is-lost',
  subject: judged.side,
  found: `database ${judged.use.lost!.database} of ${judged.use.lost!.clusterArn}, which migration ${judged.migration} was started with, cannot be reached, so it may be this very database under another name: ${stateOf(judged, guard)}`,
  remedy:
    'If the original is lost for good, and this is a copy of it, repeat the command with --original-is-lost. Otherwise make the original available again, and repeat the command',
});

const stateOf = ({ record }: Judged, guard: FoundGuard): string =>
  `the guard is ${describeGuard(guard)}; the record is ${record.status}, writes are ${record.writes}`;

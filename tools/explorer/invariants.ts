/** Invariants of every state and of every step. Each returns the violation, or null. */
import { traitsOf } from '../../src/contract/lifecycle';
import { servingSide } from '../../src/contract/writes';
import type { ChunkRecord, MigrationRecord } from '../../src/core/ledger';
import { scopePrefix } from '../../src/core/ledger';
import { isFinished } from '../../src/core/execution/run-stage';
import { accepts } from './memory/guard';
import { MIGRATION, OWNER, TABLE } from './memory/scene';
import { idOf, keyOf, type LeaseRow, type State } from './memory/state';
import { chunksOf } from './memory/target';
import { runsCode } from './programs/subject';

export const recordOf = ({ ledger }: State): MigrationRecord | null =>
  (ledger.items.migration as unknown as MigrationRecord | undefined) ?? null;

/** Chunks of the ledger's generation. */
const chunkRecords = ({ ledger }: State): readonly ChunkRecord[] => {
  const prefix = `chunk#${String(generationIn({ ledger })).padStart(10, '0')}#`;
  return Object.entries(ledger.items)
    .filter(([sk]) => sk.startsWith(prefix))
    .map(([, item]) => item as unknown as ChunkRecord);
};

const generationIn = ({ ledger }: Pick<State, 'ledger'>): number =>
  (ledger.items.migration as unknown as MigrationRecord | undefined)?.generation ?? 1;

/** Chunks of the ledger's generation in the target: number, scope, lease. */
const chunksIn = (state: State): ReturnType<typeof chunksOf> =>
  chunksOf(
    state,
    scopePrefix({ owner: OWNER, migration: MIGRATION, generation: generationIn(state) }, 'target', TABLE),
  );

type Rows = State['truth'];
const ids = (...rows: readonly Rows[]): string[] => [...new Set(rows.flatMap((some) => Object.keys(some)))];

/** Ids of the rows that differ. */
export const differences = (left: Rows, right: Rows): string[] =>
  ids(left, right).filter((id) => left[id] !== right[id]);

const named = (different: readonly string[]): string => `row ${different.join(', ')}`;

/** Law 1 for the application: one side accepts writes, and every acknowledged write is on the side that owns them. */
function owner(state: State): string | null {
  const { source, target, truth } = state;
  const record = recordOf(state);
  if (!record) return null;
  const targetOpen = target.guard?.state === 'open' && servingSide(record.writes) === 'target';
  if (targetOpen && accepts(source)) return "both sides accept the application's writes";
  if (servingSide(record.writes) !== 'target') {
    const lost = differences(source.rows, truth);
    if (lost.length > 0) return `the source owns the writes and lacks ${named(lost)}`;
    return null;
  }
  if (accepts(source)) return 'the target owns the writes and the source accepts them too';
  const lost = differences(target.rows, truth);
  return lost.length > 0
    ? `the target owns the writes and differs from what was written: ${named(lost)}`
    : null;
}

/** Laws 3 and 5: a row that differs is in a chunk that is still open, or its key is dirty. */
function repairable(state: State): string | null {
  const { source, target } = state;
  const record = recordOf(state);
  if (
    !record ||
    !traitsOf(record.shape).capturesChanges ||
    !['running', 'held'].includes(record.status) ||
    servingSide(record.writes) === 'target'
  )
    return null;
  const closed = closedChunks(state);
  const unclaimed = differences(source.rows, target.rows).filter((id) => {
    const lease = closed.find(([, { lower, upper }]) => isWithin(id, lower, upper));
    return lease !== undefined && !source.log.some(({ key }) => key === keyOf(id));
  });
  return unclaimed.length > 0
    ? `${named(unclaimed)} differs, its chunk is closed, and its key is not dirty`
    : null;
}

/** In shapes that fence first, a chunk that is closed under the fence is equal to the source. */
function copied(state: State): string | null {
  const { source, target } = state;
  const record = recordOf(state);
  const isVoid = source.triggers?.touched ?? false;
  const fenced = source.guard?.state === 'sealed' || (source.guard?.deadline === 'ahead' && !isVoid);
  if (
    !record ||
    traitsOf(record.shape).fences !== 'first' ||
    servingSide(record.writes) === 'target' ||
    !fenced ||
    !['running', 'held'].includes(record.status)
  )
    return null;
  const wrong = differences(source.rows, target.rows).filter((id) =>
    closedChunks(state).some(([, { lower, upper }]) => isWithin(id, lower, upper)),
  );
  return wrong.length > 0 ? `the chunk of ${named(wrong)} is closed, and the target differs` : null;
}

const isWithin = (id: string, lower: string | null, upper: string | null): boolean =>
  (lower === null || Number(id) >= idOf(lower)) && (upper === null || Number(id) < idOf(upper));

/** Chunks that are closed in the ledger and in their lease, which means that they are copied. */
function closedChunks(state: State): [ChunkRecord, LeaseRow][] {
  const leases = new Map(chunksIn(state).map(([chunk, , lease]) => [chunk, lease]));
  return chunkRecords(state).flatMap((record): [ChunkRecord, LeaseRow][] => {
    const lease = leases.get(record.chunk);
    return record.state === 'closed' && lease && !lease.open ? [[record, lease]] : [];
  });
}

/** The ledger marks a chunk closed only if its lease in the target, which appliers consult, is closed. */
function closedInBoth(state: State): string | null {
  const leases = new Map(chunksIn(state).map(([chunk, , lease]) => [chunk, lease]));
  for (const { chunk, state: recorded } of chunkRecords(state)) {
    const lease = leases.get(chunk);
    if (recorded === 'closed' && lease && (lease.open || lease.token === 0))
      return `chunk ${chunk} is closed in the ledger, and ${lease.open ? 'being copied' : 'never claimed'} in the target`;
  }
  return null;
}

/** Law 1 for leases: a plan assigns every key to exactly one chunk. */
function planned(state: State): string | null {
  const chunks = chunksIn(state);
  for (const [index, [chunk, , { upper }]] of chunks.entries()) {
    const next = chunks[index + 1]?.[2].lower ?? null;
    if (upper !== next) return `chunk ${chunk} ends at ${upper}, and the next starts at ${next}`;
  }
  return null;
}

/** A migration that can only be aborted does not block the application's writes. */
function served(state: State): string | null {
  const record = recordOf(state);
  const over = record?.status === 'held' && record.captureLost !== null && !isFinished(record, 'seal');
  return over && !accepts(state.source)
    ? 'the migration is held because changes may be missing, and the source refuses writes'
    : null;
}

/** A generation belongs to executions that run the code which it records. */
function pinned(state: State): string | null {
  const record = recordOf(state);
  const owners = [record?.execution, record?.sync].filter((execution) => execution != null);
  const wrong = owners.find((execution) => runsCode(execution) !== record!.code);
  return wrong === undefined ? null : `${wrong} owns the generation, whose code is ${record!.code}`;
}

const STATE_RULES = [pinned, owner, repairable, copied, closedInBoth, planned, served];

export function stateViolation(state: State): string | null {
  for (const rule of STATE_RULES) {
    const wrong = rule(state);
    if (wrong !== null) return wrong;
  }
  return null;
}

/** Tokens and epochs only increase; a closed chunk's record does not change until the chunk is reopened. */
export function transitionViolation(before: State, after: State): string | null {
  if (before.target.leases !== after.target.leases) {
    for (const [scope, { token }] of Object.entries(after.target.leases)) {
      const was = before.target.leases[scope];
      if (was && was.token > token) return `the token of ${scope} decreased from ${was.token} to ${token}`;
    }
  }
  for (const side of ['source', 'target'] as const) {
    const [was, is] = [before[side].guard, after[side].guard];
    if (was && is && is.epoch < was.epoch) return `the epoch of the ${side} decreased`;
  }
  return before.ledger === after.ledger ? null : ledgerViolation(before, after);
}

function ledgerViolation(before: State, after: State): string | null {
  for (const [sk, item] of Object.entries(after.ledger.items)) {
    const was = before.ledger.items[sk] as unknown as ChunkRecord | undefined;
    const is = item as unknown as ChunkRecord;
    if (!sk.startsWith('chunk#') || !was || (was as unknown) === item) continue;
    if (was.token > is.token) return `the ledger's token of chunk ${is.chunk} decreased`;
    if (was.state === 'closed' && is.state === 'open')
      return `chunk ${is.chunk} was closed, and is open although it was not reopened`;
    if (was.state === 'closed' && is.state === 'closed' && was.rows !== is.rows)
      return `the row count of chunk ${is.chunk} changed after the chunk was closed`;
  }
  return null;
}

/** A migration may end done, or aborted with both sides as they were. */
export function finished(state: State): string | null {
  const record = recordOf(state);
  const { source, target, truth } = state;
  if (record?.status === 'done') {
    if (servingSide(record.writes) !== 'target')
      return 'the migration is done, and the target does not own the writes';
    if (target.guard?.state !== 'open') return 'the migration is done, and the target refuses writes';
    const lost = differences(target.rows, truth);
    return lost.length > 0
      ? `the migration is done, and the target differs from what was written: ${named(lost)}`
      : null;
  }
  if (record?.status !== 'aborted')
    return `the migration ended ${record?.status ?? 'unrecorded'} at ${record?.stage ?? 'the start'}`;
  if (!accepts(source)) return 'the migration is aborted, and the source refuses writes';
  if (target.guard !== null || Object.keys(target.rows).length > 0)
    return 'the migration is aborted, and the target is not as it was';
  const lost = differences(source.rows, truth);
  return lost.length > 0 ? `the migration is aborted, and the source lacks ${named(lost)}` : null;
}

/** Like `finished`, but the migration must not have been aborted. */
export function done(state: State): string | null {
  const record = recordOf(state);
  return record?.status === 'aborted' ? `the migration had to be aborted: ${record.reason}` : finished(state);
}

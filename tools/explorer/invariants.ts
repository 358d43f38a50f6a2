/** What must be true in every state, and of every step. Each answers what is wrong, or null. */
import { traitsOf } from '../../src/contract/lifecycle';
import { servingSide } from '../../src/contract/writes';
import type { ChunkRecord, MigrationRecord } from '../../src/core/ledger';
import { scopePrefix } from '../../src/core/ledger';
import { isFinished } from '../../src/core/execution/run-stage';
import { accepts } from './memory/guard';
import { MIGRATION, TABLE } from './memory/scene';
import { idOf, keyOf, type LeaseRow, type State } from './memory/state';
import { chunksOf } from './memory/target';

const GENERATION = 1;
const CHUNKS = scopePrefix(MIGRATION, 'target', GENERATION, TABLE);

export const recordOf = ({ ledger }: State): MigrationRecord | null =>
  (ledger.items.migration as unknown as MigrationRecord | undefined) ?? null;

const chunkRecords = ({ ledger }: State): readonly ChunkRecord[] =>
  Object.entries(ledger.items)
    .filter(([sk]) => sk.startsWith('chunk#'))
    .map(([, item]) => item as unknown as ChunkRecord);

type Rows = State['truth'];
const ids = (...rows: readonly Rows[]): string[] => [...new Set(rows.flatMap((some) => Object.keys(some)))];

/** Ids of rows that the two do not have alike. */
export const differences = (left: Rows, right: Rows): string[] =>
  ids(left, right).filter((id) => left[id] !== right[id]);

const named = (different: readonly string[]): string => `row ${different.join(', ')}`;

/** Law 1 for the application: one side takes its writes, and what it acknowledged is on the side that owns them. */
function owner(state: State): string | null {
  const { source, target, truth } = state;
  const record = recordOf(state);
  if (!record) return null;
  const targetOpen = target.guard?.state === 'open' && servingSide(record.writes) === 'target';
  if (targetOpen && accepts(source.guard)) return 'both sides take writes of the application';
  if (servingSide(record.writes) !== 'target') {
    const lost = differences(source.rows, truth);
    if (lost.length > 0) return `the source owns the writes and lacks ${named(lost)}`;
    return null;
  }
  if (accepts(source.guard)) return 'the target owns the writes and the source takes them too';
  const lost = differences(target.rows, truth);
  return lost.length > 0 ? `the target owns the writes and is not what was written: ${named(lost)}` : null;
}

/** Laws 3 and 5: a row that differs is still somebody's to copy, or its key is dirty. */
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
    ? `${named(unclaimed)} differs, its chunk is closed, and nothing says that it is dirty`
    : null;
}

/** Where the source is fenced first, a chunk that is closed under the fence holds what the source holds. */
function copied(state: State): string | null {
  const { source, target } = state;
  const record = recordOf(state);
  const fenced = source.guard?.state === 'sealed' || source.guard?.deadline === 'ahead';
  if (
    !record ||
    traitsOf(record.shape).fences !== 'first' ||
    !fenced ||
    !['running', 'held'].includes(record.status)
  )
    return null;
  const wrong = differences(source.rows, target.rows).filter((id) =>
    closedChunks(state).some(([, { lower, upper }]) => isWithin(id, lower, upper)),
  );
  return wrong.length > 0 ? `the chunk of ${named(wrong)} is closed, and the target is not equal` : null;
}

const isWithin = (id: string, lower: string | null, upper: string | null): boolean =>
  (lower === null || Number(id) >= idOf(lower)) && (upper === null || Number(id) < idOf(upper));

/** Chunks that are closed for the ledger and for the lease, so: copied. */
function closedChunks(state: State): [ChunkRecord, LeaseRow][] {
  const leases = new Map(chunksOf(state, CHUNKS).map(([chunk, , lease]) => [chunk, lease]));
  return chunkRecords(state).flatMap((record): [ChunkRecord, LeaseRow][] => {
    const lease = leases.get(record.chunk);
    return record.state === 'closed' && lease && !lease.open ? [[record, lease]] : [];
  });
}

/** The ledger says closed only of what is closed in the target, which is where appliers ask. */
function closedInBoth(state: State): string | null {
  const leases = new Map(chunksOf(state, CHUNKS).map(([chunk, , lease]) => [chunk, lease]));
  for (const { chunk, state: told } of chunkRecords(state)) {
    const lease = leases.get(chunk);
    if (told === 'closed' && lease && (lease.open || lease.token === 0))
      return `chunk ${chunk} is closed in the ledger, and ${lease.open ? 'being copied' : 'never claimed'} in the target`;
  }
  return null;
}

/** Law 1 for leases: of a plan, every key has one chunk. */
function planned(state: State): string | null {
  const chunks = chunksOf(state, CHUNKS);
  for (const [index, [chunk, , { upper }]] of chunks.entries()) {
    const next = chunks[index + 1]?.[2].lower ?? null;
    if (upper !== next) return `chunk ${chunk} ends at ${upper}, and the next begins at ${next}`;
  }
  return null;
}

/** A migration that can only be aborted does not keep the application waiting for that. */
function served(state: State): string | null {
  const record = recordOf(state);
  const over = record?.status === 'held' && record.captureLost !== null && !isFinished(record, 'seal');
  return over && !accepts(state.source.guard)
    ? 'it is held because changes may be missing, and the source refuses writes'
    : null;
}

const STATE_RULES = [owner, repairable, copied, closedInBoth, planned, served];

export function brokenIn(state: State): string | null {
  for (const rule of STATE_RULES) {
    const wrong = rule(state);
    if (wrong !== null) return wrong;
  }
  return null;
}

/** Tokens count up; what is closed stays as it was told until it is opened again; epochs count up. */
export function brokenBy(before: State, after: State): string | null {
  if (before.target.leases !== after.target.leases) {
    for (const [scope, { token }] of Object.entries(after.target.leases)) {
      const was = before.target.leases[scope];
      if (was && was.token > token) return `the token of ${scope} went back from ${was.token} to ${token}`;
    }
  }
  for (const side of ['source', 'target'] as const) {
    const [was, is] = [before[side].guard, after[side].guard];
    if (was && is && is.epoch < was.epoch) return `the epoch of the ${side} went back`;
  }
  return before.ledger === after.ledger ? null : brokenLedger(before, after);
}

function brokenLedger(before: State, after: State): string | null {
  for (const [sk, item] of Object.entries(after.ledger.items)) {
    const was = before.ledger.items[sk] as unknown as ChunkRecord | undefined;
    const is = item as unknown as ChunkRecord;
    if (!sk.startsWith('chunk#') || !was || (was as unknown) === item) continue;
    if (was.token > is.token) return `the ledger's token of chunk ${is.chunk} went back`;
    if (was.state === 'closed' && is.state === 'open')
      return `chunk ${is.chunk} was closed, and is open without having been reopened`;
    if (was.state === 'closed' && is.state === 'closed' && was.rows !== is.rows)
      return `the rows that were copied of chunk ${is.chunk} changed after it was closed`;
  }
  return null;
}

/** Where a migration may come to rest: done, or aborted and as before. */
export function finished(state: State): string | null {
  const record = recordOf(state);
  const { source, target, truth } = state;
  if (record?.status === 'done') {
    if (servingSide(record.writes) !== 'target') return 'it is done, and the target does not own the writes';
    if (target.guard?.state !== 'open') return 'it is done, and the target refuses writes';
    const lost = differences(target.rows, truth);
    return lost.length > 0 ? `it is done, and the target is not what was written: ${named(lost)}` : null;
  }
  if (record?.status !== 'aborted')
    return `it rests ${record?.status ?? 'nowhere'} at ${record?.stage ?? 'the start'}`;
  if (!accepts(source.guard)) return 'it is aborted, and the source refuses writes';
  if (target.guard !== null || Object.keys(target.rows).length > 0)
    return 'it is aborted, and the target is not as it was';
  const lost = differences(source.rows, truth);
  return lost.length > 0 ? `it is aborted, and the source lacks ${named(lost)}` : null;
}

/** The same, and it must not have been given up. */
export function done(state: State): string | null {
  const record = recordOf(state);
  return record?.status === 'aborted' ? `it had to be aborted: ${record.reason}` : finished(state);
}

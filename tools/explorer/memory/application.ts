/** The application, the table's owner and time. Each action is one request, so the explorer can schedule it anywhere. */
import type { Side } from '../../../src/contract/sides';
import { accepts } from './guard';
import {
  keyOf,
  replyWith,
  withSource,
  withTarget,
  type Change,
  type Effect,
  type Request,
  type Rows,
  type State,
  type Triggers,
} from './state';
import { ownersDdl } from './triggers';

/** Null: no side accepts the application's write now; it retries. */
export function applicationRequest(state: State, request: Request): Effect | null {
  const changes = request.args.changes as readonly Change[];
  switch (request.op) {
    case 'write':
      return write(state, changes);
    case 'begin':
      return beginTransaction(state, changes);
    case 'commit':
      return commit(state);
    case 'draw': {
      const draws = state.ledger.draws + 1;
      return replyWith({ ...state, ledger: { ...state.ledger, draws } }, `mark ${draws}`);
    }
    case 'alter':
      return alter(state);
    case 'alterTriggers':
      return ownersDdl(state, request.args.side as Side, request.args.to as Triggers['state']);
    case 'writeAstray':
      return writeAstray(state, changes);
    case 'restore':
      return restore(state, String(request.args.to));
    case 'expire':
      return expire(state);
    default:
      throw new Error(`the model of the application does not support ${request.op}`);
  }
}

const changed = (rows: Rows, changes: readonly Change[]): Rows => {
  const result: Record<string, number> = { ...rows };
  for (const { id, v } of changes) {
    if (v === null) delete result[id];
    else result[id] = v;
  }
  return result;
};

/** One autocommitted statement on the side that accepts it: the source, as long as it does. */
function write(state: State, changes: readonly Change[]): Effect | null {
  const { source, target } = state;
  const truth = changed(state.truth, changes);
  if (accepts(source)) {
    if (source.open !== null) return null;
    const ids = changes.map((_, index) => source.nextEntry + index);
    return replyWith({ ...captured(state, changes, ids), truth }, 'source');
  }
  // A target that does not serve refuses: it is dark, or the client's route leads elsewhere.
  if (target.guard?.state !== 'open') return null;
  return replyWith({ ...withTarget(state, { rows: changed(target.rows, changes) }), truth }, 'target');
}

/** A client that does not follow the route writes to the target while it is closed: it waits as long as the target refuses. */
function writeAstray(state: State, changes: readonly Change[]): Effect | null {
  const { target } = state;
  if (target.guard === null || target.guard.state === 'open' || !accepts(target)) return null;
  const written = withTarget(state, { rows: changed(target.rows, changes) });
  return replyWith({ ...written, truth: changed(state.truth, changes) }, 'target');
}

/** Applies a change with its log entries, whose ids were drawn before the commit. */
function captured(state: State, changes: readonly Change[], ids: readonly number[]): State {
  const { source } = state;
  const entries = source.captures.flatMap(({ id: capture }) =>
    changes.map(({ id }, index) => ({ id: ids[index]!, capture, key: keyOf(id) })),
  );
  const log = [...source.log, ...entries].sort((left, right) => left.id - right.id);
  const nextEntry = Math.max(source.nextEntry, ...ids.map((id) => id + 1));
  return withSource(state, { rows: changed(source.rows, changes), log, nextEntry });
}

/** Opens a transaction that has run its statement: its entries will become visible with smaller ids than later ones. */
function beginTransaction(state: State, changes: readonly Change[]): Effect | null {
  const { source } = state;
  if (!accepts(source) || source.open !== null) return null;
  const ids = changes.map((_, index) => source.nextEntry + index);
  const nextEntry = source.nextEntry + changes.length;
  return replyWith(withSource(state, { open: { ids, changes }, nextEntry }), null);
}

function commit(state: State): Effect | null {
  const { open } = state.source;
  if (open === null) return null;
  const committed = captured(withSource(state, { open: null }), open.changes, open.ids);
  return replyWith({ ...committed, truth: changed(state.truth, open.changes) }, null);
}

/** DDL by the table's owner, which no guard stops: the capture may miss changes. */
function alter(state: State): Effect | null {
  const { captures, open } = state.source;
  if (open !== null) return null;
  const lost = captures.map((capture) => ({ ...capture, lost: 'altered' }));
  return replyWith(withSource(state, { captures: lost }), null);
}

/** Restores the first control plane's ledger, as it is now, under another name. */
function restore(state: State, to: string): Effect {
  const own = Object.entries(state.ledger.items).filter(([sk]) => !sk.includes('/'));
  const items = { ...state.ledger.items, ...Object.fromEntries(own.map(([sk, item]) => [to + sk, item])) };
  return replyWith({ ...state, ledger: { ...state.ledger, items } }, null);
}

/** The instant at which a fence expires. */
function expire(state: State): Effect | null {
  const { guard } = state.source;
  if (guard?.state !== 'fenced' || guard.deadline !== 'ahead') return null;
  return replyWith(withSource(state, { guard: { ...guard, deadline: 'passed' } }), null);
}

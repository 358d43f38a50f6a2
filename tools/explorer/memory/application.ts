/** The application, and time: what happens beside Sluice. Each is one request, so that the explorer puts it anywhere. */
import { accepts, answered, withSource, withTarget } from './guard';
import { keyOf, type Change, type Effect, type Request, type Rows, type State } from './state';

/** Null: nobody lets the application write now; it tries again. */
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
      return answered({ ...state, ledger: { ...state.ledger, draws } }, `mark ${draws}`);
    }
    case 'alter':
      return alter(state);
    case 'expire':
      return expire(state);
    default:
      throw new Error(`the application does not do ${request.op}`);
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

/** One autocommitted statement, on the side that takes it: the source, for as long as it does. */
function write(state: State, changes: readonly Change[]): Effect | null {
  const { source, target } = state;
  const truth = changed(state.truth, changes);
  if (accepts(source.guard)) {
    if (source.open !== null) return null;
    const ids = changes.map((_, index) => source.nextEntry + index);
    return answered({ ...captured(state, changes, ids), truth }, 'source');
  }
  // A target that nobody serves refuses: it is dark, or the client's route does not lead there.
  if (target.guard?.state !== 'open') return null;
  return answered({ ...withTarget(state, { rows: changed(target.rows, changes) }), truth }, 'target');
}

/** The change and its entries, which draw their ids before they commit. */
function captured(state: State, changes: readonly Change[], ids: readonly number[]): State {
  const { source } = state;
  const entries = source.captures.flatMap(({ id: capture }) =>
    changes.map(({ id }, index) => ({ id: ids[index]!, capture, key: keyOf(id) })),
  );
  const log = [...source.log, ...entries].sort((left, right) => left.id - right.id);
  const nextEntry = Math.max(source.nextEntry, ...ids.map((id) => id + 1));
  return withSource(state, { rows: changed(source.rows, changes), log, nextEntry });
}

/** A transaction whose statement ran, and which has not committed: its entries will be visible under smaller ids than others. */
function beginTransaction(state: State, changes: readonly Change[]): Effect | null {
  const { source } = state;
  if (!accepts(source.guard) || source.open !== null) return null;
  const ids = changes.map((_, index) => source.nextEntry + index);
  const nextEntry = source.nextEntry + changes.length;
  return answered(withSource(state, { open: { ids, changes }, nextEntry }), null);
}

function commit(state: State): Effect | null {
  const { open } = state.source;
  if (open === null) return null;
  const committed = captured(withSource(state, { open: null }), open.changes, open.ids);
  return answered({ ...committed, truth: changed(state.truth, open.changes) }, null);
}

/** DDL of the table's owner, whom no guard stops: what was captured may not tell every change. */
function alter(state: State): Effect | null {
  const { captures, open } = state.source;
  if (open !== null) return null;
  const lost = captures.map((capture) => ({ ...capture, lost: 'altered' }));
  return answered(withSource(state, { captures: lost }), null);
}

/** The instant at which a fence opens itself. */
function expire(state: State): Effect | null {
  const { guard } = state.source;
  if (guard?.state !== 'fenced' || guard.deadline !== 'ahead') return null;
  return answered(withSource(state, { guard: { ...guard, deadline: 'passed' } }), null);
}

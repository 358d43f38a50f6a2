/** Models the statements on the target: leases, pages, appliers' writes. Each behaves like its SQL in the adapters. */
import type { Change as AppliersChange, Group } from '../../../src/core/ports';
import { authorityIn, without } from './authority';
import { closedForGood, guardStatement, ifPermitted } from './guard';
import { removalStatement } from './removal';
import { MIGRATION } from './scene';
import { digestOf, idsWithin } from './source';
import {
  failed,
  idOf,
  notInstalled,
  replyWith,
  withTarget,
  type Effect,
  type LeaseRow,
  type Request,
  type State,
  type TargetState,
} from './state';

const UNCLAIMED: LeaseRow = {
  token: 0,
  seq: 0,
  open: false,
  attempt: 0,
  lower: null,
  upper: null,
  cursor: null,
};

interface Fenced {
  readonly scope: string;
  readonly token: number;
  readonly seq: number;
}

/** The lease after a write, or null if the write is fenced out. */
function fence(state: State, request: Request, cursor?: string | null): LeaseRow | null {
  const { scope, token, seq } = request.args as unknown as Fenced;
  const lease = state.target.leases[scope];
  if (!lease) return null;
  const holds =
    (lease.token === token || without(request, 'token')) &&
    (lease.seq === seq - 1 || without(request, 'seq')) &&
    (lease.open || without(request, 'token'));
  return holds ? { ...lease, seq, ...(cursor === undefined ? {} : { cursor }) } : null;
}

const withLease = (state: State, scope: unknown, lease: LeaseRow, target: Partial<TargetState> = {}): State =>
  withTarget(state, { ...target, leases: { ...state.target.leases, [String(scope)]: lease } });

export function targetStatement(state: State, request: Request): Effect | null {
  const guarded = guardStatement(state, 'target', request);
  if (guarded !== undefined) return guarded;
  const removed = removalStatement(state, 'target', request);
  if (removed) return removed;
  const { args, op } = request;
  const { target } = state;
  if (op === 'digest') return replyWith(state, digestOf(target.rows, args as never));
  if (!target.installed) return notInstalled(state);
  if (op === 'noteEmpty') return ifPermitted(state, 'target', request, () => noteEmpty(state));
  return leaseStatement(state, request) ?? pageStatement(state, request) ?? applierStatement(state, request);
}

const NAME = '"shop"."t"';

/** Records, once, whether the table is empty; returns it if it is not. */
function noteEmpty(state: State): Effect {
  const { guard, rows, wasEmpty: noted } = state.target;
  if (guard?.state !== 'dark') return failed(state, 'WrongState', 'the target is not dark');
  const wasEmpty = noted ?? Object.keys(rows).length === 0;
  return replyWith(withTarget(state, { wasEmpty }), wasEmpty ? [] : [NAME]);
}

function leaseStatement(state: State, request: Request): Effect | null {
  const { args, op } = request;
  const { leases, skipped, touches } = state.target;
  const scope = String(args.scope);
  const lease = leases[scope];
  switch (op) {
    case 'installLease':
      return ifPermitted(state, 'target', request, () => installLease(state, request));
    case 'readLease': {
      if (!lease) return replyWith(state, null);
      const { token, seq, open, lower, upper, cursor } = lease;
      return replyWith(state, { token, seq, open, lower, upper, cursor });
    }
    case 'closeLease': {
      if (!lease || (lease.token !== args.token && !without(request, 'token')))
        return replyWith(state, false);
      return replyWith(withLease(state, scope, { ...lease, open: false }), true);
    }
    case 'closeLeases':
      return ifPermitted(state, 'target', request, () => closeLeases(state, request));
    case 'planPartition':
      return ifPermitted(state, 'target', request, () =>
        replyWith(lease ? state : withLease(state, scope, UNCLAIMED), null),
      );
    case 'planLeases':
      return ifPermitted(state, 'target', request, () => planLeases(state, request));
    case 'readSkipped':
      return replyWith(state, skipped[scope] ?? []);
    case 'touches':
      return replyWith(
        state,
        chunksOf(state, String(args.prefix)).flatMap(([number, chunk]) =>
          touches[chunk] === undefined ? [] : [[number, touches[chunk]]],
        ),
      );
    default:
      return null;
  }
}

/** Sets the epoch of the guard, so that it closes the leases only once. */
function closeLeases(state: State, request: Request): Effect {
  const guard = state.target.guard!;
  const epoch = Number(request.args.epoch);
  if (guard.epoch === epoch) return replyWith(state, null);
  const leases = closedForGood(state, ownScopes(guard));
  const raised = { ...guard, epoch: Math.max(guard.epoch, epoch) };
  return replyWith(withTarget(state, { guard: raised, leases }), null);
}

/** Prefix of the scopes of a generation's leases. */
const ownScopes = ({ owner, generation }: { owner: string; generation: number }): string =>
  `${owner}/${MIGRATION}/target/${generation}/`;

function installLease(state: State, request: Request): Effect {
  const { scope, token, attempt } = request.args as { scope: string; token: number; attempt: number };
  const lease = state.target.leases[scope];
  const isOwn = scope.startsWith(ownScopes(authorityIn(request))) || without(request, 'generation');
  if (state.target.guard?.state !== 'dark' || !lease || !isOwn) return replyWith(state, null);
  const forwards = lease.token < token || (lease.token === token && lease.seq === 0 && lease.open);
  if (!forwards && !without(request, 'monotone')) return replyWith(state, null);
  const cursor = lease.attempt === attempt ? lease.cursor : null;
  const { lower, upper } = lease;
  return replyWith(withLease(state, scope, { ...lease, token, seq: 0, open: true, attempt, cursor }), {
    lower,
    upper,
    cursor,
  });
}

/** Leases of a table's chunks: number, scope, lease. */
export function chunksOf(state: State, prefix: string): [number, string, LeaseRow][] {
  return Object.entries(state.target.leases)
    .filter(([scope]) => scope.startsWith(prefix) && /^\d+$/.test(scope.slice(prefix.length)))
    .map(([scope, lease]): [number, string, LeaseRow] => [Number(scope.slice(prefix.length)), scope, lease])
    .sort(([left], [right]) => left - right);
}

/** Creates all leases or none, and returns how many there are; an existing plan stays. */
function planLeases(state: State, request: Request): Effect {
  const { prefix, boundaries, closedFrom } = request.args as {
    prefix: string;
    boundaries: readonly string[];
    closedFrom: string | null;
  };
  const existing = chunksOf(state, prefix).length;
  if (existing > 0 && !without(request, 'plan')) return replyWith(state, existing);
  const before = boundaries.filter((key) => closedFrom === null || idOf(key) < idOf(closedFrom));
  const cuts = [...before, ...(closedFrom === null ? [] : [closedFrom]), null];
  const planned = cuts.map((upper, chunk): [string, LeaseRow] => {
    const token = upper === null && closedFrom !== null ? 1 : 0;
    return [`${prefix}${chunk}`, { ...UNCLAIMED, token, lower: cuts[chunk - 1] ?? null, upper }];
  });
  return replyWith(
    withTarget(state, { leases: { ...state.target.leases, ...Object.fromEntries(planned) } }),
    planned.length,
  );
}

function pageStatement(state: State, request: Request): Effect | null {
  const { args, op } = request;
  const { target } = state;
  switch (op) {
    case 'clearRange': {
      const lease = fence(state, request, null);
      if (!lease) return replyWith(state, false);
      const rows = { ...target.rows };
      for (const id of idsWithin(rows, args as never)) delete rows[id];
      const skipped = { ...target.skipped };
      delete skipped[String(args.scope)];
      return replyWith(withLease(state, args.scope, lease, { rows, skipped }), true);
    }
    case 'writePage':
    case 'writePageConcurrently':
      return writePage(state, request);
    case 'skipToApplier':
    case 'skipRow': {
      const lease = fence(state, request, String(args.last));
      if (!lease) return replyWith(state, false);
      const scope = String(args.scope);
      const kept = [...(target.skipped[scope] ?? []), String(args.last)];
      const skipped = op === 'skipToApplier' ? { ...target.skipped, [scope]: kept } : target.skipped;
      return replyWith(withLease(state, scope, lease, { skipped }), true);
    }
    default:
      return null;
  }
}

function writePage(state: State, request: Request): Effect {
  const { args, op } = request;
  const groups = args.groups as readonly Group[];
  const last = groups.at(-1)!.last;
  const lease = fence(state, request, last);
  if (!lease) return replyWith(unconditionalCursor(state, request, last), false);
  const rows: Record<string, number> = { ...state.target.rows };
  const left: string[] = [];
  for (const { id, v } of groups.flatMap(rowsOfGroup)) {
    if (rows[id] === undefined) rows[id] = v;
    else if (op === 'writePageConcurrently') left.push(`{${id}}`);
    else return failed(state, 'StatementRefused', `row ${id} is there already`, '23505');
  }
  const scope = String(args.scope);
  const skipped =
    left.length === 0
      ? state.target.skipped
      : { ...state.target.skipped, [scope]: [...(state.target.skipped[scope] ?? []), ...left] };
  return replyWith(withLease(state, scope, lease, { rows, skipped }), true);
}

/** With the checkpoint's condition disabled, a write moves the cursor regardless of the lease's holder. */
function unconditionalCursor(state: State, request: Request, cursor: string): State {
  const lease = state.target.leases[String(request.args.scope)];
  if (!lease || !without(request, 'checkpoint')) return state;
  return withLease(state, request.args.scope, { ...lease, cursor });
}

const rowsOfGroup = ({ columns }: Group): { id: string; v: number }[] => {
  const [ids, values] = columns!.map((column) => column.slice(1, -1).split(','));
  return ids!.map((id, index) => ({ id, v: Number(values![index]) }));
};

function applierStatement(state: State, request: Request): Effect {
  const { args, op } = request;
  const prefix = String(args.prefix);
  if (op === 'placeKeys') {
    const verdicts = (args.keys as readonly string[]).map((key) => placeOf(state, prefix, key)?.verdict);
    return replyWith(
      state,
      verdicts.map((verdict) => (verdict === 'applied' ? 'closed' : verdict)),
    );
  }
  if (op !== 'applyRows' && op !== 'applyEach')
    return failed(state, 'UnknownRequest', `the model of the target does not support ${op}`);
  return applyRows(state, request, prefix);
}

/** The chunk of a key and its lease's verdict. */
function placeOf(state: State, prefix: string, key: string) {
  const found = chunksOf(state, prefix).findLast(
    ([, , { lower }]) => lower === null || idOf(lower) <= idOf(key),
  );
  if (!found) return null;
  const [, scope, { token, open }] = found;
  return { scope, verdict: token === 0 ? 'dropped' : open ? 'left' : 'applied' } as const;
}

function applyRows(state: State, request: Request, prefix: string): Effect {
  const { args } = request;
  const lease = fence(state, request);
  if (!lease) return replyWith(state, null);
  const changes = args.changes as readonly AppliersChange[];
  const stale = args.verdicts as readonly string[] | undefined;
  const places = changes.map(({ key }, index) => {
    const place = placeOf(state, prefix, key);
    return place && stale?.[index] !== undefined ? { ...place, verdict: stale[index] } : place;
  });
  if (places.includes(null)) return failed(state, 'StatementRefused', 'a key is in no chunk', 'SL005');
  const rows: Record<string, number> = { ...state.target.rows };
  const touched = new Set<string>();
  for (const [index, { key, row }] of changes.entries()) {
    if (places[index]!.verdict !== 'applied') continue;
    touched.add(places[index]!.scope);
    if (row === null) delete rows[idOf(key)];
    else rows[row[0]!] = Number(row[1]);
  }
  const touches = { ...state.target.touches };
  for (const scope of touched) touches[scope] = (touches[scope] ?? 0) + 1;
  const written: Partial<TargetState> = { rows: rows, touches };
  return replyWith(
    withLease(state, args.scope, lease, written),
    places.map((place) => place!.verdict),
  );
}

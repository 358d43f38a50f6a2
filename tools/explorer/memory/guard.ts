/** The guard of one side: `sluice.register`, `sluice.set_guard` and the rest, each a separate transaction. */
import type { Side } from '../../../src/contract/sides';
import { GUARD_CHANGES, type GuardChange, type GuardState } from '../../../src/core/guard-ports';
import type { Authority } from '../../../src/core/ports';
import { asserted, authorityIn, hasGuard, isRemoved, refusal, succeeding, without } from './authority';
import { withTombstone } from './removal';
import { fire, isLocked, recorded, triggerStatement } from './triggers';
import {
  failed,
  replyWith,
  withSource,
  withTarget,
  type Effect,
  type GuardRow,
  type Installed,
  type Request,
  type State,
  type TargetState,
} from './state';

const withGuard = (
  state: State,
  side: Side,
  guard: GuardRow,
  triggers: Pick<Installed, 'triggers'> = {},
): State => {
  const removed = { ...state[side].removed };
  delete removed[guard.owner];
  const here = { guard, removed, ...triggers };
  return side === 'source' ? withSource(state, here) : withTarget(state, here);
};

/** Whether a side accepts the application's writes: its guard's body lets them pass, or no trigger calls it. */
export const accepts = (side: Installed): boolean => !fire(side) || passes(side);

const passes = ({ guard }: Installed): boolean =>
  guard === null || guard.state === 'open' || (guard.state === 'fenced' && guard.deadline === 'passed');

/** A controlling call of one side: refused, or done. */
export const ifPermitted = (state: State, side: Side, request: Request, call: () => Effect): Effect =>
  asserted(state, side, request) ?? call();

export function guardStatement(state: State, side: Side, request: Request): Effect | null | undefined {
  const { guard, installed } = state[side];
  switch (request.op) {
    case 'install':
      return replyWith(install(state, side, request), null);
    case 'registerGuard':
      return installed ? register(state, side, request) : goneWith(state);
    case 'readGuard':
      return replyWith(
        state,
        guard !== null && guard.owner === request.args.owner
          ? { epoch: guard.epoch, state: guard.state, expired: guard.deadline === 'passed' }
          : null,
      );
    case 'setGuard':
      return setGuard(state, side, request);
    case 'revoke':
      return succeeding(state, side, request, revoke);
    default:
      return triggerStatement(state, side, request);
  }
}

/** Creates the schema, with a tombstone that refuses the calls of earlier generations. */
function install(state: State, side: Side, request: Request): State {
  if (state[side].installed && state[side].guard !== null) return state;
  const installed = { installed: true };
  const created = side === 'source' ? withSource(state, installed) : withTarget(state, installed);
  return 'owner' in request.args ? withTombstone(created, side, request, 1) : created;
}

/** The schema was dropped since it was installed: the step is repeated, and installs again. */
const goneWith = (state: State): Effect =>
  failed(state, 'TransientFailure', 'schema sluice was removed concurrently with its installation');

function register(state: State, side: Side, request: Request): Effect {
  const { guard, removed } = state[side];
  const { owner, generation, epoch } = authorityIn(request);
  if (guard !== null && guard.owner !== owner && !without(request, 'owner'))
    return failed(state, 'ForeignOwner', `the table is guarded by ${guard.owner}`);
  const before = removed[owner];
  const isNewer =
    before === undefined ||
    ((before.generation < generation || without(request, 'generation')) &&
      (before.epoch < epoch || without(request, 'epoch')));
  if (guard !== null || !isNewer) return asserted(state, side, request) ?? replyWith(state, null);
  return replyWith(
    withGuard(state, side, { owner, generation, epoch, state: 'open', deadline: 'none' }),
    null,
  );
}

function setGuard(state: State, side: Side, request: Request): Effect | null {
  const change = request.args as unknown as GuardChange & Authority;
  const refused = refusal(state, side, request);
  if (refused) return refused;
  const { guard } = state[side];
  const from: readonly GuardState[] = GUARD_CHANGES[change.state].from;
  if (guard === null || isRemoved(state, side, request))
    return failed(state, 'WrongState', `the guard is none, not ${from.join(' or ')}`);
  if (guard.epoch === change.epoch && guard.state === change.state)
    return replyWith(state, deadlineOf(guard));
  if (guard.epoch === change.epoch && !without(request, 'epoch'))
    return failed(state, 'FencedOut', `epoch ${change.epoch} is not newer than the guard's`);
  if (!from.includes(guard.state))
    return failed(state, 'WrongState', `the guard is ${guard.state}, not ${from.join(' or ')}`);
  if (change.state === 'dark' && isFinished(state, side))
    return failed(state, 'WrongState', `the tables of the ${side} serve the application`);
  const epoch = Math.max(guard.epoch, change.epoch);
  const noted = change.state === 'open' && !without(request, 'emptiness') ? opened(state, side) : state;
  if (change.state === 'open' && guard.state === 'open' && without(request, 'opening again'))
    return replyWith(state, null);
  // A guard closes under locks that wait for open transactions; it opens without.
  const closes = change.state !== 'open' && change.state !== 'standby';
  if (closes && isLocked(state, side) && !without(request, 'locks')) return null;
  const isVoid = change.state === 'sealed' ? voidReason(state[side], request) : null;
  if (isVoid !== null) return failed(state, 'FenceExpired', `the fence ${isVoid}`);
  if (change.state === 'sealed' && without(request, 'seal')) return replyWith(state, null);
  const next: GuardRow = {
    ...guard,
    epoch,
    state: change.state,
    deadline: change.state === 'fenced' ? 'ahead' : 'none',
  };
  const completed = recorded(state[side], closes && !without(request, 'completion'));
  return replyWith(withGuard(noted, side, next, completed), deadlineOf(next));
}

/** Whether a side was opened after its leases were planned. */
const isFinished = ({ target }: State, side: Side): boolean =>
  side === 'target' &&
  target.guard?.state === 'open' &&
  Object.keys(target.leases).some((scope) => scope.startsWith(`${target.guard!.owner}/`));

/** Why a fence cannot be made permanent, or null. */
function voidReason({ guard, triggers }: Installed, request: Request): string | null {
  if (guard?.deadline === 'passed' && !without(request, 'deadline')) return 'has expired';
  return triggers?.touched && !without(request, 'versions') ? 'was interrupted' : null;
}

/** A side that was open once is never emptied again. */
const opened = (state: State, side: Side): State =>
  side === 'target' && state.target.wasEmpty !== null ? withTarget(state, { wasEmpty: false }) : state;

/** The explored rules do not depend on the instant itself: the database reports whether it has passed. */
const deadlineOf = ({ deadline }: GuardRow): string | null =>
  deadline === 'none' ? null : '2100-01-01T00:00:00.000Z';

function revoke(state: State, side: Side, request: Request): Effect {
  if (!hasGuard(state, side, request)) return replyWith(state, null);
  const refused = refusal(state, side, request);
  if (refused) return refused;
  const { guard } = state[side];
  const epoch = Number(request.args.epoch);
  if (guard === null || isRemoved(state, side, request) || guard.epoch === epoch)
    return replyWith(state, null);
  const raised: GuardRow = {
    ...guard,
    epoch: Math.max(guard.epoch, epoch),
    state: guard.state === 'dark' ? 'revoked' : guard.state,
  };
  const guarded = withGuard(state, side, raised);
  if (side === 'source') return replyWith(guarded, null);
  const revoked = { leases: closedForGood(state, `${guard.owner}/`), touches: {}, skipped: {} };
  return replyWith(withTarget(guarded, revoked), null);
}

/** Invalidates every token that writers hold under a prefix. */
export const closedForGood = ({ target }: State, prefix: string): TargetState['leases'] =>
  Object.fromEntries(
    Object.entries(target.leases).map(([scope, lease]) => [
      scope,
      scope.startsWith(prefix) ? { ...lease, token: lease.token + 1, open: false } : lease,
    ]),
  );

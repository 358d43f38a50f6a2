/** The guard of one side: `sluice.set_guard`, `sluice.refuse` and the rest, each a transaction of its own. */
import type { Side } from '../../../src/contract/sides';
import type { GuardChange } from '../../../src/core/ports';
import type { Effect, GuardRow, Request, SourceState, State, TargetState } from './state';

export const failed = (state: State, name: string, message: string, sqlState?: string): Effect => ({
  state,
  reply: { failure: { name, message, ...(sqlState === undefined ? {} : { sqlState }) } },
});

export const replyWith = (state: State, value: unknown): Effect => ({ state, reply: { value } });

/** The failure of a statement where the schema `sluice` does not exist. */
export const notInstalled = (state: State): Effect =>
  failed(state, 'StatementRefused', 'relation sluice.… does not exist', '42P01');

export const withSource = (state: State, source: Partial<SourceState>): State => ({
  ...state,
  source: { ...state.source, ...source },
});

export const withTarget = (state: State, target: Partial<TargetState>): State => ({
  ...state,
  target: { ...state.target, ...target },
});

const withGuard = (state: State, side: Side, guard: GuardRow | null): State =>
  side === 'source' ? withSource(state, { guard }) : withTarget(state, { guard });

/** Whether a side accepts the application's writes. */
export function accepts(guard: GuardRow | null): boolean {
  return (
    guard === null || guard.state === 'open' || (guard.state === 'fenced' && guard.deadline === 'passed')
  );
}

/** Whether a mutation disables a protection for a request. */
export const without = ({ args }: Request, protection: string): boolean => args.without === protection;

export function guardStatement(state: State, side: Side, request: Request): Effect | null | undefined {
  const { guard } = state[side];
  switch (request.op) {
    case 'registerGuard': {
      const epoch = Number(request.args.epoch);
      return replyWith(
        guard ? state : withGuard(state, side, { epoch, state: 'open', deadline: 'none' }),
        null,
      );
    }
    case 'readGuard':
      return replyWith(
        state,
        guard && { epoch: guard.epoch, state: guard.state, expired: guard.deadline === 'passed' },
      );
    case 'setGuard':
      return setGuard(state, side, request);
    case 'revoke': {
      if (guard === null) return replyWith(state, null);
      return replyWith(revoke(state, side, guard, Number(request.args.epoch)), null);
    }
    default:
      return undefined;
  }
}

function setGuard(state: State, side: Side, request: Request): Effect | null {
  const change = request.args as unknown as GuardChange;
  const { guard } = state[side];
  if (guard === null) return notInstalled(state);
  if (guard.epoch === change.epoch && guard.state === change.state)
    return replyWith(state, deadlineOf(guard));
  if (guard.epoch >= change.epoch && !without(request, 'epoch'))
    return failed(state, 'FencedOut', `epoch ${change.epoch} is not newer than ${guard.epoch}`);
  if (!change.from.includes(guard.state))
    return failed(state, 'WrongState', `the guard is ${guard.state}, not ${change.from.join(' or ')}`);
  const epoch = Math.max(guard.epoch, change.epoch);
  if (guard.state === 'open' && change.state === 'open')
    return replyWith(withGuard(state, side, { ...guard, epoch }), null);
  // The triggers change under a lock that waits for open transactions.
  if (side === 'source' && state.source.open !== null) return null;
  if (change.state === 'sealed' && guard.deadline === 'passed')
    return failed(state, 'FenceExpired', 'the fence has expired');
  if (change.state === 'sealed' && without(request, 'seal')) return replyWith(state, null);
  const next: GuardRow = {
    epoch,
    state: change.state,
    deadline: change.state === 'fenced' ? 'ahead' : 'none',
  };
  return replyWith(withGuard(state, side, next), deadlineOf(next));
}

/** The explored rules do not depend on the instant itself: the database reports whether it has passed. */
const deadlineOf = ({ deadline }: GuardRow): string | null =>
  deadline === 'none' ? null : '2100-01-01T00:00:00.000Z';

function revoke(state: State, side: Side, guard: GuardRow, epoch: number): State {
  const raised: GuardRow =
    guard.epoch < epoch
      ? { ...guard, epoch, state: guard.state === 'dark' ? 'revoked' : guard.state }
      : guard;
  const guarded = withGuard(state, side, raised);
  if (side === 'source') return guarded;
  return withTarget(guarded, { leases: closedForGood(state, ''), touches: {}, skipped: {} });
}

/** Invalidates every token that writers hold under a prefix. */
export const closedForGood = ({ target }: State, prefix: string): TargetState['leases'] =>
  Object.fromEntries(
    Object.entries(target.leases).map(([scope, lease]) => [
      scope,
      scope.startsWith(prefix) ? { ...lease, token: lease.token + 1, open: false } : lease,
    ]),
  );

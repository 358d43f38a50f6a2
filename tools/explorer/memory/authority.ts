/** `sluice.own_guard` and `sluice.assert_authority`: whose guard a controlling call meets, and whether it may act on it. */
import type { Side } from '../../../src/contract/sides';
import type { Authority } from '../../../src/core/ports';
import { failed, notInstalled, withSource, withTarget, type Effect, type Request, type State } from './state';

export const authorityIn = ({ args }: Request): Pick<Authority, 'owner' | 'generation' | 'epoch'> =>
  args as unknown as Authority;

/** Whether a mutation disables a protection for a request. */
export const without = ({ args }: Request, protection: string): boolean =>
  (args.without as readonly string[] | undefined)?.includes(protection) ?? false;

/** The row that a call meets: the guard, of any owner, or else its owner's tombstone. */
function rowFor(state: State, side: Side, request: Request) {
  const { guard, removed } = state[side];
  const { owner } = authorityIn(request);
  if (guard !== null) return guard;
  const own = removed[owner];
  return own ? { ...own, owner, state: 'none' as const } : null;
}

/** Whether the guard of the call's owner was removed. */
export const isRemoved = (state: State, side: Side, request: Request): boolean =>
  rowFor(state, side, request)?.state === 'none';

/** `sluice.has_guard`: whether there is anything to remove. */
export const hasGuard = (state: State, side: Side, request: Request): boolean =>
  state[side].installed && rowFor(state, side, request) !== null;

/** `sluice.succeed_guard`: a removal acts on the guard that an ended generation of its owner left. */
export function succeeding(
  state: State,
  side: Side,
  request: Request,
  remove: (state: State, side: Side, request: Request) => Effect,
): Effect {
  const effect = remove(succeeded(state, side, request), side, request);
  return 'failure' in effect.reply ? { ...effect, state } : effect;
}

function succeeded(state: State, side: Side, request: Request): State {
  const { guard } = state[side];
  const { owner, generation, epoch } = authorityIn(request);
  const succeeds = guard?.owner === owner && guard.generation < generation && guard.epoch < epoch;
  if (!succeeds) return state;
  const given = { guard: { ...guard, generation } };
  return side === 'source' ? withSource(state, given) : withTarget(state, given);
}

/** The failure of a controlling call whose authority is not the guard's, or null. */
export function refusal(state: State, side: Side, request: Request): Effect | null {
  if (!state[side].installed) return notInstalled(state, '3F000');
  const row = rowFor(state, side, request);
  const { owner, generation, epoch } = authorityIn(request);
  if (row === null) return failed(state, 'WrongState', 'no guard is registered');
  if (row.owner !== owner && !without(request, 'owner'))
    return failed(state, 'ForeignOwner', `the guard belongs to ${row.owner}, not to ${owner}`);
  const isOlder = row.generation > generation && !without(request, 'generation');
  if (isOlder || (row.epoch > epoch && !without(request, 'epoch')))
    return failed(state, 'FencedOut', `generation ${generation}, epoch ${epoch} is older than the guard`);
  if (row.generation < generation && !without(request, 'generation'))
    return failed(state, 'WrongState', `no guard of generation ${generation} is registered`);
  return null;
}

/** The same for a call that needs a guard. */
export const asserted = (state: State, side: Side, request: Request): Effect | null =>
  refusal(state, side, request) ??
  (isRemoved(state, side, request) ? failed(state, 'WrongState', 'the guard was removed') : null);

/** Removal: `sluice.uninstall`, `sluice.stop_capture` and `drop-unused.sql`. A removed guard leaves a tombstone. */
import type { Side } from '../../../src/contract/sides';
import { authorityIn, hasGuard, isRemoved, refusal, succeeding, without } from './authority';
import { dropped } from './triggers';
import {
  failed,
  replyWith,
  withSource,
  withTarget,
  type Effect,
  type Installed,
  type Request,
  type State,
} from './state';

const NO_LEASES = { leases: {}, touches: {}, skipped: {} };
const NO_CAPTURES = { captures: [], log: [] };

export function removalStatement(state: State, side: Side, request: Request): Effect | undefined {
  switch (request.op) {
    case 'uninstall':
      return succeeding(state, side, request, uninstall);
    case 'stopCapture':
      return succeeding(state, side, request, stopCapture);
    case 'dropUnused':
      return replyWith(dropUnused(state, side), null);
    default:
      return undefined;
  }
}

/** Where nothing is installed, nothing is removed; where no guard is, a tombstone refuses older calls. */
export function uninstall(state: State, side: Side, request: Request): Effect {
  const here = state[side];
  if (!here.installed) return replyWith(state, []);
  const noted = here.guard === null ? withTombstone(state, side, request) : state;
  const refused = refusal(noted, side, request);
  if (refused || isRemoved(noted, side, request)) return refused ?? replyWith(noted, []);
  const left = remembered(here, request);
  if (side === 'source') return replyWith(withSource(state, { ...left, ...NO_CAPTURES }), []);
  return uninstallTarget(state, request, left);
}

/** Raises the tombstone of an owner without a guard, or creates it. */
export function withTombstone(state: State, side: Side, request: Request, generations = 0): State {
  const { removed, guard } = state[side];
  const { owner, epoch, ...authority } = authorityIn(request);
  const generation = authority.generation - generations;
  const before = removed[owner];
  const isNewer = before === undefined || (before.generation < generation && before.epoch < epoch);
  if (without(request, 'tombstone') || guard !== null || !isNewer) return state;
  const raised = { removed: { ...removed, [owner]: { generation, epoch } } };
  return side === 'source' ? withSource(state, raised) : withTarget(state, raised);
}

/** Empties the table if it was empty before and never open since; refuses if the target serves the application. */
function uninstallTarget(state: State, request: Request, left: Partial<Installed>): Effect {
  const { guard, leases, wasEmpty, rows } = state.target;
  const isPlanned = Object.keys(leases).length > 0;
  if (guard!.state === 'open' && isPlanned && !without(request, 'finished'))
    return failed(state, 'WrongState', 'the migration is finished here');
  const empties = isPlanned && wasEmpty === true;
  const restored = { ...left, ...NO_LEASES, wasEmpty: null, rows: empties ? {} : rows };
  return replyWith(withTarget(state, restored), isPlanned && !empties ? ['shop.t'] : []);
}

/** Replaces a guard by its tombstone, whose epoch refuses older calls. */
function remembered(here: Installed, request: Request): Pick<Installed, 'guard' | 'removed' | 'triggers'> {
  const { removed, guard } = here;
  const { owner, generation, epoch } = authorityIn(request);
  const isOwn = guard?.owner === owner;
  const isOther = guard !== null && guard.owner !== owner && !without(request, 'owner');
  const left = without(request, 'tombstone')
    ? removed
    : { ...removed, [owner]: { generation: isOwn ? guard.generation : generation, epoch } };
  return isOther ? { guard, removed: left } : { guard: null, removed: left, ...dropped(here) };
}

/** Removes the captures of the call's generation and of earlier ones. */
function stopCapture(state: State, side: Side, request: Request): Effect {
  if (!hasGuard(state, side, request)) return replyWith(state, null);
  const refused = refusal(state, side, request);
  if (refused) return refused;
  const { generation } = authorityIn(request);
  const every = without(request, 'generation');
  const captures = state.source.captures.filter((capture) => !every && capture.generation > generation);
  const log = state.source.log.filter(({ capture }) => captures.some(({ id }) => id === capture));
  return replyWith(withSource(state, { captures, log }), null);
}

/** The schema goes when every guard in it was removed, and the tombstones with it. */
function dropUnused(state: State, side: Side): State {
  const { installed, guard } = state[side];
  if (!installed || guard !== null) return state;
  const dropped = { installed: false, removed: {} };
  return side === 'source'
    ? withSource(state, { ...dropped, ...NO_CAPTURES })
    : withTarget(state, { ...dropped, ...NO_LEASES, wasEmpty: null });
}

/**
 * The guard's triggers on the table of one side: `sluice.arm_guard`, `sluice.disarm_guard`, `sluice.ensure_triggers`, and DDL by the
 * table's owner. Scenarios that do not explore them have none of this state; then every guard's triggers are complete.
 */
import type { Side } from '../../../src/contract/sides';
import { asserted, isRemoved, refusal, without } from './authority';
import {
  failed,
  replyWith,
  withSource,
  withTarget,
  type Effect,
  type Installed,
  type Request,
  type State,
  type Triggers,
} from './state';

const ABSENT: Triggers = { state: 'absent', touched: false };

/** The same state, in which triggers are explored. */
export const exploringTriggers = ({ source, target, ...state }: State): State => ({
  ...state,
  source: { ...source, triggers: ABSENT },
  target: { ...target, triggers: ABSENT },
});

/** Whether the triggers fire for the application's writes. */
export const fire = ({ triggers }: Installed): boolean =>
  triggers === undefined || triggers.state === 'enabled' || triggers.state === 'always';

/** Triggers in another state. A fence compares their versions, which never return to an earlier value. */
const changed = (state: State, side: Side, to: Triggers['state']): State => {
  const { triggers, guard } = state[side];
  if (triggers === undefined || triggers.state === to) return state;
  const touched = { triggers: { state: to, touched: guard?.state === 'fenced' } };
  return side === 'source' ? withSource(state, touched) : withTarget(state, touched);
};

/** Triggers after a change of the guard: a closing completes and enables them, and a fence records their versions. */
export const recorded = ({ triggers }: Installed, isCompleted: boolean): Pick<Installed, 'triggers'> =>
  triggers ? { triggers: { state: isCompleted ? 'always' : triggers.state, touched: false } } : {};

/** Triggers after the removal of the guard. */
export const dropped = ({ triggers }: Installed): Pick<Installed, 'triggers'> =>
  triggers ? { triggers: ABSENT } : {};

/** Null: the statement waits for an open transaction. */
export function triggerStatement(state: State, side: Side, request: Request): Effect | null | undefined {
  switch (request.op) {
    case 'arm':
      return arm(state, side, request);
    case 'disarm':
      return disarm(state, side, request);
    default:
      return undefined;
  }
}

/** Whether an open transaction holds a lock on the table of a side. */
export const isLocked = (state: State, side: Side): boolean =>
  side === 'source' && state.source.open !== null;

/** Creates the triggers if there are none, whatever the guard's state; the body decides. */
function arm(state: State, side: Side, request: Request): Effect | null {
  const refused = refusal(state, side, request);
  if (refused) return refused;
  // A removed guard covers no table.
  if (isRemoved(state, side, request) || state[side].triggers?.state !== 'absent')
    return replyWith(state, null);
  if (isLocked(state, side)) return null;
  return asserted(state, side, request) ?? replyWith(changed(state, side, 'always'), null);
}

/** Drops the triggers of an open guard, under the table's lock. */
function disarm(state: State, side: Side, request: Request): Effect | null {
  const refused = refusal(state, side, request);
  if (refused) return refused;
  if (state[side].triggers?.state !== 'absent' && isLocked(state, side)) return null;
  const removed = asserted(state, side, request);
  if (removed) return removed;
  if (state[side].guard!.state !== 'open' && !without(request, 'state'))
    return failed(state, 'WrongState', `the guard is ${state[side].guard!.state}, not open`);
  return replyWith(changed(state, side, 'absent'), null);
}

/** DDL by the table's owner. After the seal no protection remains against it, so it is not explored there. */
export function ownersDdl(state: State, side: Side, to: Triggers['state']): Effect | null {
  const { guard, triggers } = state[side];
  if (isLocked(state, side) || guard?.state === 'sealed' || triggers === undefined) return null;
  return replyWith(triggers.state === 'absent' ? state : changed(state, side, to), null);
}

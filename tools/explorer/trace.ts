/** Renders a path through a scenario as a readable trace. */
import { Violation } from './violation';
import { describeReply, describeRequest } from './descriptions';
import type { Program } from './scenario';
import type { Branch, Delivery, Move, Transitions, World } from './transitions';

/** A move and the index of the branch that was taken. */
export interface TakenMove {
  readonly move: Move;
  readonly branch: number;
}

const DELIVERIES: Readonly<Record<Delivery, string>> = {
  done: '',
  lost: '; the reply is lost',
  late: ' is sent, its sender gets an error, and it is still in flight',
  twice: '; a copy of the request is still in flight',
  again: '; the reply is lost, and the client sends the request again immediately',
  stale: ', from a stale copy',
};

export async function traceOf(
  transitions: Transitions,
  programs: readonly (Program | null)[],
  start: World,
  moves: readonly TakenMove[],
): Promise<string[]> {
  const lines: string[] = [];
  let world = start;
  for (const [index, { move, branch }] of moves.entries()) {
    const line = lineOf(transitions, programs, world, move);
    const reached = await reachedBy(transitions, programs, world, { move, branch });
    const suffix = reached?.exhausted ? '; retries are exhausted' : '';
    lines.push(`${String(index + 1).padStart(3)}. ${line}${suffix}`);
    world = reached?.world ?? world;
  }
  return lines;
}

/** Undefined if the move violates an invariant, which ends the trace. */
async function reachedBy(
  transitions: Transitions,
  programs: readonly (Program | null)[],
  world: World,
  { move, branch }: TakenMove,
): Promise<Branch | undefined> {
  try {
    return (await transitions.apply(programs, world, move))[branch];
  } catch (error) {
    if (error instanceof Violation) return undefined;
    throw error;
  }
}

function lineOf(
  transitions: Transitions,
  programs: readonly (Program | null)[],
  world: World,
  move: Move,
): string {
  const { interner } = transitions;
  const heard = (request: number, reply: number | undefined): string =>
    reply === undefined ? 'waits' : describeReply(interner.requestOf(request), interner.replyOf(reply));
  if (move.kind === 'late') {
    const { request } = move;
    const done = transitions.effect(world.database, request);
    return `late: ${describeRequest(interner.requestOf(request))} → ${heard(request, done?.reply)}`;
  }
  const { place, local } = world.slots[move.slot]!;
  const program = programs[move.slot];
  const who = `${program?.name ?? 'abandoned'}${place === 'only' ? '' : ` [${place}]`}`;
  if (move.kind === 'abandon') return `${who} is abandoned, and still runs`;
  const { request } = local!.pending.find(({ call }) => call === move.call)!;
  const sent = interner.requestOf(request);
  if (sent.at === 'clock') return `${who} wakes`;
  if (move.delivery === 'late') return `${who}: ${describeRequest(sent)}: this${DELIVERIES.late}`;
  const reply = transitions.replyTo(world, request, move.delivery);
  return `${who}: ${describeRequest(sent)} → ${heard(request, reply)}${DELIVERIES[move.delivery]}`;
}

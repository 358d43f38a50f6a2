/** Renders a path through a scenario as a readable trace. */
import { Broken } from './broken';
import { answerTold, told } from './phrases';
import type { Program } from './scenario';
import type { Branch, Fate, Move, Transitions, World } from './transitions';

/** A move and the index of the branch that was taken. */
export interface Told {
  readonly move: Move;
  readonly branch: number;
}

const FATES: Readonly<Record<Fate, string>> = {
  done: '',
  lost: '; the reply is lost',
  late: ' is sent, its sender gets an error, and it is still in flight',
  twice: '; a copy of the request is still in flight',
  again: '; the reply is lost, and the client sends the request again at once',
  stale: ', from a stale copy',
};

export async function tell(
  transitions: Transitions,
  programs: readonly (Program | null)[],
  start: World,
  moves: readonly Told[],
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
  { move, branch }: Told,
): Promise<Branch | undefined> {
  try {
    return (await transitions.apply(programs, world, move))[branch];
  } catch (error) {
    if (error instanceof Broken) return undefined;
    throw error;
  }
}

function lineOf(
  transitions: Transitions,
  programs: readonly (Program | null)[],
  world: World,
  move: Move,
): string {
  const { lexicon } = transitions;
  const heard = (request: number, answer: number | undefined): string =>
    answer === undefined ? 'waits' : answerTold(lexicon.requestOf(request), lexicon.answerOf(answer));
  if (move.kind === 'late') {
    const { request } = move;
    const done = transitions.effect(world.database, request);
    return `late: ${told(lexicon.requestOf(request))} → ${heard(request, done?.answer)}`;
  }
  const { place, local } = world.slots[move.slot]!;
  const program = programs[move.slot];
  const who = `${program?.name ?? 'abandoned'}${place === 'only' ? '' : ` [${place}]`}`;
  if (move.kind === 'give up') return `${who} is abandoned, and still runs`;
  const { request } = local!.pending.find(({ call }) => call === move.call)!;
  const asked = lexicon.requestOf(request);
  if (asked.at === 'clock') return `${who} wakes`;
  if (move.fate === 'late') return `${who}: ${told(asked)}: this${FATES.late}`;
  const answer = transitions.answerTo(world, request, move.fate);
  return `${who}: ${told(asked)} → ${heard(request, answer)}${FATES[move.fate]}`;
}

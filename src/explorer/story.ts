/** A way through a scenario, as a person reads it. */
import { answerTold, told } from './phrases';
import type { Program } from './scenario';
import { Broken, type Fate, type Move, type Transitions, type World } from './transitions';

const FATES: Readonly<Record<Fate, string>> = {
  done: '',
  lost: '; the answer is lost',
  late: ' goes out, and its sender is told that it failed: it is still on its way',
  twice: '; a copy of the request is still on its way',
  again: '; the answer is lost, and the client sends it again at once',
  stale: ', from a copy that lags',
};

export async function tell(
  transitions: Transitions,
  programs: readonly (Program | null)[],
  start: World,
  moves: readonly Move[],
): Promise<string[]> {
  const lines: string[] = [];
  let world = start;
  for (const [index, move] of moves.entries()) {
    lines.push(`${String(index + 1).padStart(3)}. ${lineOf(transitions, programs, world, move)}`);
    try {
      const next = await transitions.apply(programs, world, move);
      if (next) world = next;
    } catch (error) {
      if (!(error instanceof Broken)) throw error;
    }
  }
  return lines;
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
  const who = `${program?.name ?? 'given up on'}${place === 'only' ? '' : ` [${place}]`}`;
  if (move.kind === 'give up') return `${who} is given up on and started again; the old one goes on`;
  const { request } = local!.pending.find(({ call }) => call === move.call)!;
  const asked = lexicon.requestOf(request);
  if (asked.at === 'clock') return `${who} wakes`;
  if (move.fate === 'late') return `${who}: ${told(asked)}: this${FATES.late}`;
  const answer = transitions.answerTo(world, request, move.fate);
  return `${who}: ${told(asked)} → ${heard(request, answer)}${FATES[move.fate]}`;
}

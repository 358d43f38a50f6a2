/** A way through a scenario, as a person reads it. */
import type { Answer, Request } from './memory/state';
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
  if (move.kind === 'late') {
    const done = transitions.effect(world.database, move.request);
    return `late: ${told(lexicon.requestOf(move.request))} arrives → ${done ? answerOf(lexicon.answerOf(done.answer)) : 'waits'}`;
  }
  const { place, local } = world.slots[move.slot]!;
  const who = `${programs[move.slot]?.name ?? 'given up'}, ${place}`;
  if (move.kind === 'give up') return `${who}: is given up on and started again; the old one goes on`;
  const { request } = local!.pending.find(({ call }) => call === move.call)!;
  const asked = lexicon.requestOf(request);
  if (asked.at === 'clock') return `${who}: wakes`;
  if (move.fate === 'late') return `${who}: ${told(asked)}${FATES.late}`;
  const answer =
    move.fate === 'stale'
      ? transitions.staleAnswer(request)
      : transitions.effect(world.database, request)?.answer;
  return `${who}: ${told(asked)} → ${answer === undefined ? 'waits' : answerOf(lexicon.answerOf(answer))}${FATES[move.fate]}`;
}

/** Names and values that tell something; what only the client library needs is left out. */
function told({ at, op, args }: Request): string {
  if (at === 'ledger') return `ledger ${op} ${String(args.sk ?? args.prefix ?? '')}${setOf(args)}`;
  const shown = Object.entries(args).filter(([name]) => !['table', 'prefix'].includes(name));
  return `${at} ${op} ${shown.map(([name, value]) => `${name}=${short(value)}`).join(' ')}`.trim();
}

function setOf(args: Request['args']): string {
  const values = args.ExpressionAttributeValues as Readonly<Record<string, unknown>> | undefined;
  if (!values) return '';
  const condition = args.ConditionExpression === undefined ? '' : ` if ${String(args.ConditionExpression)}`;
  const shown = Object.entries(values).map(([name, value]) => `${name}=${short(value)}`);
  return ` [${shown.join(' ')}]${condition}`;
}

const LENGTH_MAX = 70;

function short(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > LENGTH_MAX ? `${text.slice(0, LENGTH_MAX)}…` : text;
}

const answerOf = (answer: Answer): string =>
  'failure' in answer ? `${answer.failure.name} (${answer.failure.message})` : short(answer.value);

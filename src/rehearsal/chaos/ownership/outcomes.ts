/** How calls of an attack ended, in the product's own words. */
import type { Reply } from '../../faults/proxy/call';
import type { ExecutionState, JournalEntry, Operator } from '../../rehearse/ports';
import type { Outcome } from './attack';

/** A reason names whose guard, ledger or generation the call met. */
const NAMES_OWNER = /control plane [0-9a-f]{16}|generation \d+|execution arn:/;

export const namesOwner = ({ sentence }: Outcome): boolean => NAMES_OWNER.test(sentence);

export const startOutcome = async (operator: Operator, execution: string): Promise<Outcome> =>
  outcomeOf('start', await operator.describe(execution)) ?? {
    ...{ call: 'start', error: 'accepted', sentence: 'the execution succeeded' },
  };

/** An abort succeeds if it did nothing, or left an end alone; its output and its journal say why. */
export async function abortOutcome(
  operator: Operator,
  migration: string,
  execution: string,
): Promise<Outcome> {
  const state = await operator.describe(execution);
  const failed = outcomeOf('abort', state);
  if (failed !== null) return failed;
  const because = textNamed('because', state?.output ?? null);
  if (because !== null) return { call: 'abort', error: 'ignored', sentence: because };
  const untouched = ((await operator.report(migration))?.journal ?? []).flatMap(untouchedIn);
  return untouched.length > 0
    ? { call: 'abort', error: 'ForeignOwner', sentence: untouched[0]! }
    : { call: 'abort', error: 'accepted', sentence: 'the abort was performed' };
}

/** Describes how a call of the Data API ended. */
export function callOutcome(call: string, { status, headers, body }: Reply): Outcome {
  if (status === 200) return { call, error: 'accepted', sentence: 'the call succeeded' };
  const error = String(headers['x-amzn-errortype'] ?? status);
  return { call, error, sentence: textNamed('message', body.toString()) ?? body.toString() };
}

function outcomeOf(call: string, state: ExecutionState | null): Outcome | null {
  if (state?.status === 'SUCCEEDED') return null;
  if (state === null || state.status === 'RUNNING')
    return { call, error: 'unfinished', sentence: 'the execution did not end' };
  return { call, error: state.error ?? state.status, sentence: messageOf(state.cause ?? '') };
}

/** Returns the message of a function's error, which arrives as JSON with a stack. */
function messageOf(cause: string): string {
  return textNamed('errorMessage', cause) ?? cause;
}

/** Finds a text in a JSON document by its name, at any depth. */
function textNamed(name: string, json: string | null): string | null {
  let found: string | null = null;
  try {
    JSON.parse(json ?? '', (key, value: unknown) => {
      if (key === name && typeof value === 'string') found = value;
      return value;
    });
  } catch {
    return null;
  }
  return found;
}

const untouchedIn = ({ evidence }: JournalEntry): readonly string[] => {
  const untouched = evidence?.['untouched'];
  return Array.isArray(untouched) ? (untouched as string[]) : [];
};

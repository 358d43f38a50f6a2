/** Runs a compiled machine on the local engine with stubbed functions until one state has been followed by another. */
import { type HistoryEvent, type Lambda, functionError, startTestStepFunctions } from 'local-aws/testing';
import type { Definition } from './definitions';

/** The outcome of one invocation. */
export type Act = { readonly returns: object } | { readonly throws: string };

export interface Scene {
  /** Deployed name → definition; the first is started. */
  readonly machines: Readonly<Record<string, Definition>>;
  readonly input: object;
  /** State → outcomes of its invocations, in order. Every other invocation never returns. */
  readonly acts: Readonly<Record<string, readonly Act[]>>;
  /** The state under test. */
  readonly state: string;
  /** Auxiliary states of the state under test that follow it. */
  readonly belonging: readonly string[];
}

export interface Seen {
  /** Invocations of the state under test, each as the retry count in its input, or null without one. */
  readonly retries: readonly (number | null)[];
  /** The next state that was entered, or how the execution ended. */
  readonly next: string;
  /** The error in the next state's input, or the execution's error. */
  readonly error: string | undefined;
}

export async function play(scene: Scene): Promise<Seen> {
  const retries: (number | null)[] = [];
  const left = new Map(Object.entries(scene.acts).map(([state, acts]) => [state, [...acts]]));
  let watched: string | undefined;
  const lambda: Lambda = (input, { caller }) => {
    const act = left.get(caller.stateName)?.shift();
    if (!act) return new Promise(() => undefined);
    watched = caller.executionArn;
    if (caller.stateName === scene.state) retries.push((input as { retries?: number }).retries ?? null);
    if ('throws' in act) throw functionError(act.throws);
    return { ...(input as object), ...act.returns };
  };
  const names = JSON.stringify(scene.machines).matchAll(/function:([\w-]+)"/g);
  const engine = await startTestStepFunctions(
    Object.fromEntries([...names].map(([, name]) => [name!, lambda])),
    // The stricter of two readings: States.ALL does not match States.DataLimitExceeded.
    { statesAll: 'documented' },
  );
  try {
    const arns = Object.entries(scene.machines).map(
      ([name, definition]) => engine.createStateMachine({ name, definition }).stateMachineArn,
    );
    const { executionArn } = engine.startExecution({ stateMachineArn: arns[0]!, input: scene.input });
    for (let turn = 0; turn < TURNS_MAX; turn++) {
      const { events, outcome } = engine.inspect(watched ?? executionArn);
      const next = nextState(events, scene);
      if (next) return { retries, ...next };
      if (outcome) return { retries, next: outcome.status, error: outcome.error };
      await new Promise((resolve) => setImmediate(resolve));
    }
    throw new Error(`Nothing follows ${scene.state} after ${TURNS_MAX} turns`);
  } finally {
    await engine.close();
  }
}

const TURNS_MAX = 50_000;

interface Entered {
  readonly name: string;
  readonly input: string;
}

/** The first state entered after the state under test and its auxiliary states. */
function nextState(
  events: readonly HistoryEvent[],
  { state, belonging }: Scene,
): Pick<Seen, 'next' | 'error'> | undefined {
  const entered = events.flatMap(({ stateEnteredEventDetails: details }) =>
    details === undefined ? [] : [details as Entered],
  );
  const at = entered.findIndex(({ name }) => name === state);
  const next = at < 0 ? undefined : entered.slice(at + 1).find(({ name }) => !belonging.includes(name));
  return next && { next: next.name, error: (JSON.parse(next.input) as { Error?: string }).Error };
}

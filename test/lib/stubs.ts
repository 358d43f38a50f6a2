/** The deployed machines on the local engine, with stubbed functions. */
import type { FunctionName } from '../../src/contract/lifecycle';
import { gateEvents } from '../../src/contract/lifecycle/events';
import type { Run } from '../../src/contract/payloads';
import {
  type HistoryEvent,
  type Lambda,
  type Outcome,
  type StepFunctions,
  VirtualClock,
  functionError,
  startTestStepFunctions,
} from 'local-aws/testing';
import type { Definition } from './definitions';

export type Stubs = Readonly<Partial<Record<FunctionName, Lambda>>>;

/** Input of Sync's gate for one round. */
export interface Round {
  readonly execution: string;
  readonly startedBy: string;
  readonly events: number;
}

export interface Stage {
  readonly engine: StepFunctions;
  readonly clock: VirtualClock;
  /** Functions in the order of their invocations, except those of Sync. */
  readonly called: FunctionName[];
  /** Inputs of Sync's gate. */
  readonly rounds: Round[];
  /** Starts `Migration` for `orders` and waits for its end. */
  readonly run: () => Promise<{ readonly outcome: Outcome; readonly events: readonly HistoryEvent[] }>;
  /** Starts `Sync`. @returns the execution's ARN */
  readonly startSync: (input?: object) => string;
}

/** Placeholder for the version of Sync, which the engine of these tests does not publish. */
const SYNC_MACHINE = 'arn:aws:states:eu-west-1:111122223333:stateMachine:sluice-dev-Sync';

export const RUN = { migration: 'orders', generation: 1, direction: 'forward' };

/** A gate's output: its input with the updated event count, and its result. */
export const responding = (
  name: FunctionName,
  resultOf: (input: unknown, calls: number) => object,
): Lambda => {
  let calls = 0;
  return (input) => {
    const { retries = 0, ...run } = input as Run & { retries?: number };
    const events = run.events + gateEvents(name, retries);
    return { ...run, events, ...resultOf(run, calls++) };
  };
};

/** Returns these verdicts in order, then repeats the last. */
export const verdicts = (name: FunctionName, ...given: readonly string[]): Lambda =>
  responding(name, (_, calls) => ({ verdict: given[Math.min(calls, given.length - 1)], seconds: calls + 1 }));

/** Throws these errors in order, then behaves like the wrapped stub. */
export const failing = (errors: readonly string[], then: Lambda): Lambda => {
  const left = [...errors];
  return (input, options) => {
    const error = left.shift();
    if (error !== undefined) throw functionError(error);
    return then(input, options);
  };
};

export const always =
  (error: string): Lambda =>
  () => {
    throw functionError(error);
  };

const applyItems = (execution: string, appliers: number): object[] =>
  Array.from({ length: appliers }, (_, applier) => ({ ...RUN, execution, applier, appliers }));

/** A round with this many appliers. */
export const applying = (appliers: number, { execution }: Round): object => ({
  verdict: 'apply',
  items: applyItems(execution, appliers),
});

export const over = { verdict: 'over', items: [] };

/** Stubs for a migration in which everything succeeds and Sync ends once writes have moved. */
export async function stageWith(
  machines: Readonly<Record<'Migration' | 'Sync', Definition>>,
  shape: 'offline' | 'cdc',
  stubs: Stubs = {},
): Promise<Stage> {
  const clock = new VirtualClock();
  const called: FunctionName[] = [];
  const rounds: Round[] = [];
  const ready: Stubs = {
    claimMigration: (input) => ({ ...RUN, ...(input as { execution: string }), shape, events: 0 }),
    nextWave: responding('nextWave', () => ({ verdict: 'empty', items: [], concurrency: 1 })),
    judge: verdicts('judge', 'clean'),
    catchUp: verdicts('catchUp', 'ready'),
    cutover: verdicts('cutover', 'moved'),
    cancelCutover: verdicts('cancelCutover', 'cancelled'),
    disarm: verdicts('disarm', 'done'),
    nextSync: responding('nextSync', (round) =>
      called.includes('stopCapture') ? over : applying(2, round as Round),
    ),
    applyChanges: () => clock.wait(780_000, new AbortController().signal).then(() => ({ applied: 0 })),
  };
  const names = JSON.stringify(machines).matchAll(/function:sluice-dev-([a-z]\w*)"/g);
  const lambdas = [...new Set([...names].map(([, name]) => name as FunctionName))].map(
    (name): [string, Lambda] => [
      `sluice-dev-${name}`,
      async (input, options) => {
        if (name === 'nextSync') rounds.push(input as Round);
        else if (name !== 'applyChanges') called.push(name);
        return (stubs[name] ?? ready[name] ?? ((same: unknown) => same))(input, options);
      },
    ],
  );
  const engine = await startTestStepFunctions(Object.fromEntries(lambdas), { clock });
  const [migration, sync] = (['Migration', 'Sync'] as const).map(
    (name) =>
      engine.createStateMachine({ name: `sluice-dev-${name}`, definition: machines[name] }).stateMachineArn,
  );
  return {
    ...{ engine, clock, called, rounds },
    run: async () => {
      const input = { migration: 'orders' };
      const { executionArn } = engine.startExecution({ stateMachineArn: migration!, input });
      const outcome = await engine.settled(executionArn);
      return { outcome, events: engine.inspect(executionArn).events };
    },
    startSync: (input = { ...RUN, startedBy: 'arn:of:a:migration', syncMachine: SYNC_MACHINE, events: 0 }) =>
      engine.startExecution({ stateMachineArn: sync!, input }).executionArn,
  };
}

export const times = (called: readonly string[], name: FunctionName): number =>
  called.filter((each) => each === name).length;

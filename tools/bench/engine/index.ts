import type { Engine } from 'local-aws';
import { below, machine, wayOf, type BenchReport, type Way } from '../report';
import { LambdaCaller } from './invocations';
import { openEngineScene } from './scene';

export interface EngineBenchOptions {
  /** A few batches instead of many. */
  readonly quick: boolean;
  readonly log: (line: string) => void;
}

const BATCHES = { quick: 5, whole: 20 } as const;
const CALLS_PER_BATCH = 200;
/** About what Sluice's own machines carry from state to state. */
const TEXT = 'x'.repeat(300);
const BAR_MS = { transition: 2, invoke: 3 } as const;

/** What the local engine itself costs: a state transition, and a call of a function that is warm. */
export async function benchEngine({ quick, log }: EngineBenchOptions): Promise<BenchReport> {
  const scene = await openEngineScene();
  const { engine } = scene;
  const caller = new LambdaCaller(engine.environment);
  const batches = quick ? BATCHES.quick : BATCHES.whole;
  try {
    const measure = async (name: string, batch: () => Promise<number>): Promise<Way> => {
      log(name);
      // The first is not counted: code is compiled, and the environment starts.
      await batch();
      const values: number[] = [];
      while (values.length < batches) values.push(await batch());
      return wayOf(name, 'ms', values);
    };
    const transition = await measure('a state transition', () => execute(engine, scene.counting));
    const invoke = await measure('a warm call through the endpoint', () => call(caller, scene.functionName));
    const task = await measure('a state transition, every other one a call', () =>
      execute(engine, scene.invoking),
    );
    return {
      command: 'bench engine',
      machine: machine(),
      ways: [transition, invoke, task],
      figures: [
        below('transition_ms', transition.median, BAR_MS.transition),
        below('invoke_ms', invoke.median, BAR_MS.invoke),
      ],
    };
  } finally {
    caller.close();
    await scene.close();
  }
}

/** Milliseconds per state transition of one execution. */
async function execute({ stepFunctions }: Engine, stateMachineArn: string): Promise<number> {
  const before = stepFunctions.counters().stateTransitions;
  const startedAt = performance.now();
  const input = { count: 0, until: CALLS_PER_BATCH, text: TEXT };
  const { executionArn } = stepFunctions.startExecution({ stateMachineArn, input });
  const { status, cause } = await stepFunctions.settled(executionArn);
  if (status !== 'SUCCEEDED') throw new Error(`The execution is ${status}: ${cause}`);
  return (performance.now() - startedAt) / (stepFunctions.counters().stateTransitions - before);
}

/** Milliseconds per call, one after the other. */
async function call(caller: LambdaCaller, functionName: string): Promise<number> {
  const payload = JSON.stringify({ text: TEXT });
  const startedAt = performance.now();
  for (let calls = 0; calls < CALLS_PER_BATCH; calls += 1) await caller.call(functionName, payload);
  return (performance.now() - startedAt) / CALLS_PER_BATCH;
}

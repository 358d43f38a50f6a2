import type { Engine } from 'local-aws';
import { below, machine, methodOf, type BenchReport, type Method } from '../report';
import { LambdaCaller } from './invocations';
import { openEngineScene } from './scene';

export interface EngineBenchOptions {
  /** Measure fewer batches. */
  readonly quick: boolean;
  readonly log: (line: string) => void;
}

const BATCHES = { quick: 5, whole: 20 } as const;
const CALLS_PER_BATCH = 200;
/** About as much text as the state of Sluice's own machines isMet. */
const TEXT = 'x'.repeat(300);
const GOALS_MS = { transition: 2, invoke: 3 } as const;

/** Measures the local engine's own cost: a state transition, and an invocation of a warm function. */
export async function benchEngine({ quick, log }: EngineBenchOptions): Promise<BenchReport> {
  const scene = await openEngineScene();
  const { engine } = scene;
  const caller = new LambdaCaller(engine.environment);
  const batches = quick ? BATCHES.quick : BATCHES.whole;
  try {
    const measure = async (name: string, batch: () => Promise<number>): Promise<Method> => {
      log(name);
      // The first batch is a warm-up: it compiles code and starts the execution environment.
      await batch();
      const values: number[] = [];
      while (values.length < batches) values.push(await batch());
      return methodOf(name, 'ms', values);
    };
    const transition = await measure('a state transition', () => execute(engine, scene.counting));
    const invoke = await measure('a warm call through the endpoint', () => call(caller, scene.functionName));
    const task = await measure('a state transition, every other one a call', () =>
      execute(engine, scene.invoking),
    );
    return {
      command: 'bench engine',
      machine: machine(),
      methods: [transition, invoke, task],
      figures: [
        below('transition_ms', transition.median, GOALS_MS.transition),
        below('invoke_ms', invoke.median, GOALS_MS.invoke),
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

/** Milliseconds per sequential call. */
async function call(caller: LambdaCaller, functionName: string): Promise<number> {
  const payload = JSON.stringify({ text: TEXT });
  const startedAt = performance.now();
  for (let calls = 0; calls < CALLS_PER_BATCH; calls += 1) await caller.call(functionName, payload);
  return (performance.now() - startedAt) / CALLS_PER_BATCH;
}

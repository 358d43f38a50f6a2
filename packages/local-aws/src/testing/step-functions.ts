import type {
  HistoryEvent,
  Outcome,
  StepFunctions,
  StepFunctionsOptions,
  TaskRunner,
} from '../step-functions';
import { startStepFunctions } from '../step-functions';
import { VirtualClock } from './virtual-clock';

export type Lambda = (payload: unknown, options: Parameters<TaskRunner['invokeLambda']>[2]) => unknown;

export const functionArn = (name: string): string => `arn:aws:lambda:eu-west-1:111122223333:function:${name}`;

/** Creates the error of a failed function: its name, and the details as JSON text. */
export function functionError(errorType: string, errorMessage = 'it failed'): Error {
  const error = new Error(JSON.stringify({ errorType, errorMessage, trace: [] }));
  error.name = errorType;
  return error;
}

export const taskRunner = (lambdas: Record<string, Lambda>): TaskRunner => ({
  async invokeLambda(functionArnOrName, payload, options) {
    const lambda = lambdas[functionArnOrName.split(':').at(-1) ?? ''];
    if (!lambda)
      throw Object.assign(new Error(`Function not found: ${functionArnOrName}`), {
        name: 'Lambda.ResourceNotFoundException',
      });
    const result = await lambda(payload, options);
    return { payload: result, requestId: 'request-1', statusCode: 200, executedVersion: '$LATEST' };
  },
});

const engines: StepFunctions[] = [];

export async function startTestStepFunctions(
  lambdas: Record<string, Lambda> = {},
  options: Partial<StepFunctionsOptions> = {},
): Promise<StepFunctions> {
  const engine = await startStepFunctions({
    region: 'eu-west-1',
    account: '111122223333',
    clock: new VirtualClock(),
    runTask: taskRunner(lambdas),
    ...options,
  });
  engines.push(engine);
  return engine;
}

/** Closes all engines of the test. Call it in afterEach. */
export async function closeTestStepFunctions(): Promise<void> {
  await Promise.all(engines.splice(0).map((engine) => engine.close()));
}

export interface CompletedRun {
  readonly outcome: Outcome;
  readonly output: unknown;
  readonly events: readonly HistoryEvent[];
  readonly types: readonly string[];
}

/** Creates a state machine and runs it to its end. Also checks the definition with an independent validator. */
export async function runStateMachine(
  engine: StepFunctions,
  definition: object,
  input: unknown = {},
  name = 'machine',
): Promise<CompletedRun> {
  await requireValidAsl(definition);
  const { stateMachineArn } = engine.createStateMachine({ name, definition });
  const { executionArn } = engine.startExecution({ stateMachineArn, input });
  const outcome = await engine.settled(executionArn);
  const { events } = engine.inspect(executionArn);
  const output: unknown = outcome.output === undefined ? undefined : JSON.parse(outcome.output);
  return { outcome, output, events, types: events.map(({ type }) => type) };
}

const valid = new Set<string>();

export async function requireValidAsl(definition: object): Promise<void> {
  const text = JSON.stringify(definition);
  if (valid.has(text)) return;
  // Loaded here because the module requires Jest, and programs without Jest also import this file.
  const { default: validate } = await import('./asl-validator');
  // The validator writes defaults into its argument.
  const verdict = validate(structuredClone(definition));
  if (!verdict.isValid)
    throw new Error(`The definition of the test is not valid ASL: ${verdict.errorsText('; ')}`);
  valid.add(text);
}

/** Builds a definition with a single state. */
export const singleState = (state: object): object => ({
  StartAt: 'Only',
  States: { Only: { End: true, ...state } },
});

export const lambdaTask = (functionName: string, rest: object = {}): object => ({
  Type: 'Task',
  Resource: 'arn:aws:states:::lambda:invoke',
  Parameters: { FunctionName: functionArn(functionName), 'Payload.$': '$' },
  ...rest,
});

export const detailsOf = (event: HistoryEvent | undefined): Record<string, unknown> => {
  const entry = Object.entries(event ?? {}).find(([key]) => key.endsWith('EventDetails'));
  return (entry?.[1] ?? {}) as Record<string, unknown>;
};

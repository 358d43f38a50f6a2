import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { Tracer } from '@aws-lambda-powertools/tracer';
import type { Context } from 'aws-lambda';
import type { FunctionName } from '../src/contract/lifecycle';
import { gateEvents } from '../src/contract/lifecycle/events';
import {
  METRIC_NAMESPACE,
  METRICS,
  METRIC_SERVICE,
  MIGRATION_DIMENSION,
  type Measures,
} from '../src/contract/metrics';
import type { AbortRequest, GateName, Input, Output, Run, StageName } from '../src/contract/payloads';
import { VARIABLES } from '../src/contract/variables';
import { openWorld, type OpenOptions } from '../src/adapters/open-world';
import { refusalText } from '../src/adapters/postgres/refusal-text';
import { StatementRefused } from '../src/adapters/postgres/statement-refused';
import { MalformedInput, SluiceError } from '../src/core/errors';
import { storeLongError } from '../src/core/execution/store-long-error';
import { entriesOf, reportedError } from '../src/core/execution/reported-error';
import { contextOf, type StageContext, type World } from '../src/core/world';

const logger = new Logger({ serviceName: METRIC_SERVICE });
const tracer = new Tracer({ serviceName: METRIC_SERVICE });

/** The arguments of a handler's body besides its input. */
export interface Invocation<W = World> {
  readonly world: W;
  /** Milliseconds until Lambda kills the invocation. */
  readonly remainingMs: () => number;
  /** Publishes measurements when the invocation ends. */
  readonly measure: (measures: Measures) => void;
  /** Publishes measurements immediately: for functions that run for minutes. */
  readonly publish: (measures: Measures) => void;
}

type Body<F extends FunctionName, W> = (input: Input<F>, invocation: Invocation<W>) => Promise<Output<F>>;
/** Opens what a function acts on. */
type Open<W> = (options: OpenOptions) => Promise<W> | W;
type Handler<F extends FunctionName> = (event: unknown, context: Context) => Promise<Output<F>>;

/** Parses, wires, calls, returns: the one shape of every handler that acts on a generation. */
export const handler = <F extends FunctionName>(name: F, body: Body<F, World>): Handler<F> =>
  handlerOf(name, openWorld, (input, invocation) =>
    body(input, invocation).catch(async (error: unknown) => {
      throw await storeLongError(invocation.world, input, error);
    }),
  );

/** The same for functions that need less than a world. */
export const handlerOf =
  <F extends FunctionName, W>(name: F, open: Open<W>, body: Body<F, W>): Handler<F> =>
  async (event, context) => {
    const metrics = newMetrics();
    logger.addContext(context);
    const segment = tracer.isTracingEnabled()
      ? tracer.getSegment()?.addNewSubsegment(`## ${name}`)
      : undefined;
    try {
      const migration = migrationOf(event);
      logger.appendKeys({ migration, stage: name });
      metrics.addDimension(MIGRATION_DIMENSION, migration);
      const world = await open({
        migration,
        environment: required(VARIABLES.environment),
        controlTable: required(VARIABLES.controlTable),
        assetDirectory: required('LAMBDA_TASK_ROOT'),
      });
      const output = await body(event as Input<F>, {
        world,
        remainingMs: () => context.getRemainingTimeInMillis(),
        measure: (measures) => addMeasures(metrics, measures),
        publish: (measures) => publishNow(migration, measures),
      });
      logger.info(`${name} finished`);
      return output;
    } catch (error) {
      const shown = reportedError(withoutRowData(name, error), 'the log of the function');
      logger.error(`${name} failed`, shown);
      logWhole(name, error, shown);
      segment?.addError(shown);
      throw shown;
    } finally {
      segment?.close();
      metrics.publishStoredMetrics();
      logger.resetKeys();
    }
  };

/** Logs the whole text of an error that is reported in part, if it is Sluice's own: others may quote a row. */
function logWhole(name: string, error: unknown, shown: Error): void {
  if (!(error instanceof SluiceError) || error === shown) return;
  for (const entry of entriesOf(error)) logger.error(`${name} failed: ${entry}`);
}

const newMetrics = () => new Metrics({ namespace: METRIC_NAMESPACE, serviceName: METRIC_SERVICE });

function publishNow(migration: string, measures: Measures): void {
  const metrics = newMetrics();
  metrics.addDimension(MIGRATION_DIMENSION, migration);
  addMeasures(metrics, measures);
  metrics.publishStoredMetrics();
}

function addMeasures(metrics: Metrics, measures: Measures): void {
  for (const [metric, value] of Object.entries(measures) as [keyof Measures, number][]) {
    const { name, unit } = METRICS[metric];
    metrics.addMetric(name, MetricUnit[unit], value);
  }
}

/** Makes the handler of a stage: it returns the run that it received. */
export const stageHandler = <F extends StageName>(
  name: F,
  stage: (context: StageContext) => Promise<unknown>,
): Handler<F> =>
  handler(name, async (input, { world }) => {
    const run = runOf(input);
    await stage(contextOf(world, run));
    return run as Output<F>;
  });

/** Makes the handler of a gate: it returns the run with the gate's result and the updated event count. */
export const gateHandler = <F extends GateName>(
  name: F,
  gate: (context: StageContext, input: Input<F>) => Promise<Omit<Output<F>, keyof Run>>,
): Handler<F> =>
  handler(name, async (input, { world }) => {
    const run = runOf(input);
    const result = await gate(contextOf(world, run), input);
    return { ...run, events: run.events + gateEvents(name, input.retries ?? 0), ...result } as Output<F>;
  });

/** Makes the handler of an abort's step: it returns the request with what the step did. */
export const abortHandler = <F extends 'revoke' | 'reopen' | 'clean'>(
  name: F,
  step: (world: World, request: AbortRequest) => Promise<Omit<Output<F>, keyof AbortRequest>>,
): Handler<F> =>
  handler(name, async (input, { world }) => {
    const { migration, generation, reason, runStartedAt } = input;
    return { ...{ migration, generation, reason, runStartedAt }, ...(await step(world, input)) } as Output<F>;
  });

/** Removes the fields that concern only this invocation: its retry count and its purpose. */
const runOf = ({ migration, generation, execution, shape, direction, events }: Run): Run => ({
  ...{ migration, generation, execution, shape, direction, events },
});

/** @throws MalformedInput naming the value received in place of a migration's name */
function migrationOf(event: unknown): string {
  const migration = (event as { migration?: unknown } | null)?.migration;
  if (typeof migration === 'string' && migration !== '') return migration;
  throw new MalformedInput(
    `the input's migration is ${JSON.stringify(migration) ?? 'missing'}; start the execution with {"migration": "<name>"}`,
  );
}

/** A database's message about a refused statement may quote the row; only its codes leave the process. */
function withoutRowData(name: string, error: unknown): Error {
  if (!(error instanceof Error)) return new Error('a value that is not an Error was thrown');
  if (!(error instanceof StatementRefused)) return error;
  const shown = new Error(`${name}: ${refusalText(error)}`);
  shown.name = error.name;
  return shown;
}

function required(variable: string): string {
  const value = process.env[variable];
  if (!value) throw new Error(`the function has no ${variable} in its environment; deploy it again`);
  return value;
}

import type { Clock } from '../clock';
import { DefinitionRefused } from '../errors';
import type { Engine } from '../engine';
import type { HistoryEvent } from '../history';
import type { Json } from '../json';
import { LIMITS } from '../limits';
import type { StateMachine } from '../registry';
import { listExecutions } from './list-executions';
import { ascending, descending, page } from './paging';
import { Request, type Shape } from './request';
import { ServiceError } from './service-error';
import { executionView, mapRunItem, mapRunView } from './views';

export interface ServiceContext {
  readonly engine: Engine;
  readonly clock: Clock;
  /** How long a change of status stays unseen by DescribeExecution and ListExecutions. */
  readonly describeLagMs: number;
}

interface Operation {
  readonly shape: Shape;
  run(request: Request, context: ServiceContext): object;
}

const PAGED = { maxResults: 'number', nextToken: 'text' } as const;
const seconds = (ms: number): number => ms / 1000;

/** The operations that are served, by the name after `AWSStepFunctions.` in the target header. */
const OPERATIONS: Readonly<Record<string, Operation>> = {
  CreateStateMachine: {
    shape: { name: 'text!', definition: 'text!', roleArn: 'text!', type: 'text' },
    run(request, { engine }) {
      requireStandard(request.optionalText('type'));
      const { stateMachineArn, creationMs } = created(request, engine);
      return { stateMachineArn, creationDate: seconds(creationMs) };
    },
  },
  DescribeStateMachine: {
    shape: { stateMachineArn: 'text!', includedData: 'text' },
    run(request, { engine }) {
      const machine = engine.registry.stateMachine(request.text('stateMachineArn'));
      return {
        ...machineItem(machine),
        status: 'ACTIVE',
        definition: machine.definition,
        roleArn: machine.roleArn,
        loggingConfiguration: { level: 'OFF', includeExecutionData: false },
        tracingConfiguration: { enabled: false },
      };
    },
  },
  ListStateMachines: {
    shape: PAGED,
    run(request, { engine, clock }) {
      const all = [...engine.registry.stateMachines.values()];
      const { items, ...next } = page(request, 'stateMachines', clock.nowMs(), all, ({ name }) => name);
      return { stateMachines: items.map(machineItem), ...next };
    },
  },
  StartExecution: {
    shape: { stateMachineArn: 'text!', name: 'text', input: 'text', traceHeader: 'text' },
    run(request, { engine }) {
      const input = request.optionalText('input') ?? '{}';
      const started = engine.startExecution(
        request.text('stateMachineArn'),
        request.optionalText('name'),
        input,
      );
      return { executionArn: started.record.executionArn, startDate: seconds(started.record.startMs) };
    },
  },
  StopExecution: {
    shape: { executionArn: 'text!', error: 'text', cause: 'text' },
    run(request, { engine }) {
      request.lengthMax('error', 256);
      request.lengthMax('cause', 32_768);
      const [error, cause] = [request.optionalText('error'), request.optionalText('cause')];
      return { stopDate: seconds(engine.stopExecution(request.text('executionArn'), error, cause).stopMs) };
    },
  },
  DescribeExecution: {
    shape: { executionArn: 'text!', includedData: 'text' },
    run(request, { engine, clock, describeLagMs }) {
      return executionView(
        engine.registry.execution(request.text('executionArn')),
        clock.nowMs() - describeLagMs,
      );
    },
  },
  ListExecutions: {
    shape: { stateMachineArn: 'text', mapRunArn: 'text', statusFilter: 'text', ...PAGED },
    run: listExecutions,
  },
  GetExecutionHistory: {
    shape: { executionArn: 'text!', reverseOrder: 'flag', includeExecutionData: 'flag', ...PAGED },
    run(request, { engine, clock }) {
      const { events, executionArn } = engine.registry.execution(request.text('executionArn'));
      const reverse = request.flag('reverseOrder', false);
      const listing = `history ${executionArn} ${reverse}`;
      const keyOf = ({ id }: HistoryEvent): string => (reverse ? descending(id) : ascending(id));
      const { items, ...next } = page(request, listing, clock.nowMs(), events, keyOf);
      const withData = request.flag('includeExecutionData', true);
      return { events: withData ? items : items.map(withoutData), ...next };
    },
  },
  DescribeMapRun: {
    shape: { mapRunArn: 'text!' },
    run: (request, { engine }) => mapRunView(engine.registry.mapRun(request.text('mapRunArn'))),
  },
  ListMapRuns: {
    shape: { executionArn: 'text!', ...PAGED },
    run(request, { engine, clock }) {
      const { executionArn } = engine.registry.execution(request.text('executionArn'));
      const runs = [...engine.registry.mapRuns.values()].filter((run) => run.executionArn === executionArn);
      const listing = `mapRuns ${executionArn}`;
      const keyOf = ({ sequence }: { sequence: number }): string => descending(sequence);
      const { items, ...next } = page(request, listing, clock.nowMs(), runs, keyOf);
      return { mapRuns: items.map(mapRunItem), ...next };
    },
  },
};

/** Runs an operation. Throws {@link ServiceError}. */
export function operate(name: string, body: Json, context: ServiceContext): object {
  const operation = OPERATIONS[name];
  if (operation) return operation.run(Request.read(body, operation.shape), context);
  throw new ServiceError(
    'UnknownOperationException',
    `${name} is not supported by this engine (supported: ${Object.keys(OPERATIONS).join(', ')})`,
  );
}

const machineItem = ({ stateMachineArn, name, creationMs }: StateMachine): object => ({
  stateMachineArn,
  name,
  type: 'STANDARD',
  creationDate: seconds(creationMs),
});

function created(request: Request, engine: Engine): StateMachine {
  const definition = request.text('definition');
  request.lengthMax('definition', LIMITS.definitionBytesMax);
  try {
    return engine.createStateMachine(request.text('name'), definition, request.text('roleArn'));
  } catch (error) {
    if (!(error instanceof DefinitionRefused)) throw error;
    throw new ServiceError('InvalidDefinition', `Invalid State Machine Definition: '${error.message}'`);
  }
}

function requireStandard(type: string | undefined): void {
  if (type === undefined || type === 'STANDARD') return;
  throw new ServiceError('StateMachineTypeNotSupported', `Type '${type}' is not supported; only STANDARD is`);
}

const DATA_FIELDS = ['input', 'inputDetails', 'output', 'outputDetails', 'parameters'];

function withoutData(event: HistoryEvent): object {
  const entries = Object.entries(event).map(([key, value]): [string, unknown] => {
    if (typeof value !== 'object' || value === null) return [key, value];
    return [key, Object.fromEntries(Object.entries(value).filter(([name]) => !DATA_FIELDS.includes(name)))];
  });
  return Object.fromEntries(entries);
}

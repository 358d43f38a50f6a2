import type { AccessControl } from './access-control';
import type { Clock } from './clock';
import type { StateFailure } from './errors';
import type { Thread } from './execution';
import type { Fields } from './fields';
import type { Evaluation } from './intrinsics';
import type { Json, JsonObject } from './json';
import type { MapRunHandle, MapRunStart } from './map-run-handle';
import type { ExecutionRecord } from './records';
import type { StatesAll } from './retry-catch';
import type { TaskRunner } from './task-runner';
import type { TaskTokens } from './task-tokens';

/** Callbacks for the checks of a state. */
export interface CheckContext {
  /** Validates inner states. Those of a Distributed Map are `isolated` from outer variables. */
  readonly checkStates: (fields: Fields, isolated?: boolean) => void;
}

/** The common fields that a state type supports. */
export interface CommonFields {
  /** `Next` or `End`. */
  readonly transition: boolean;
  /** `InputPath` and `OutputPath`. */
  readonly paths: boolean;
  readonly parameters: boolean;
  readonly resultSelector: boolean;
  readonly resultPath: boolean;
  /** `Retry` and `Catch`. */
  readonly errors: boolean;
  readonly assign: boolean;
}

export interface StateType {
  readonly commonFields: CommonFields;
  /** Records a `…StateAborted` event when its own failure or that of a sibling ends its branch. */
  readonly abortable: boolean;
  /** Reports invalid and unsupported values in the fields of this state type. */
  check(fields: Fields, context: CheckContext): void;
  /** Makes one attempt. Throws StateFailure, or Halted. */
  run(attempt: StateAttempt): Promise<Result>;
}

export type Result = Success | Failure;

interface Success {
  /** The raw result, before ResultSelector and ResultPath. */
  readonly result: Json;
  /** The next state if a Choice selects it. @default the state's own `Next` */
  readonly next?: string;
  /** The `Assign` of the Choice rule that matched. @default the state's own `Assign` */
  readonly assign?: Json | undefined;
}

/** A branch or iteration has failed. The failure is recorded for the state only if the state is not retried. */
interface Failure {
  readonly failure: StateFailure;
}

/** One attempt at one state. */
export interface StateAttempt {
  readonly thread: Thread;
  readonly name: string;
  readonly state: JsonObject;
  /** The state's input after InputPath. */
  readonly input: Json;
  /** The input after Parameters. */
  readonly payload: Json;
  /** Evaluates paths and templates on `input`. */
  readonly evaluation: Evaluation;
  readonly retryCount: number;
  /** Set only for a task that waits for its token. */
  readonly taskToken: string | undefined;
  readonly engine: EngineServices;
}

/** The services of the engine that states use. */
export interface EngineServices {
  readonly clock: Clock;
  readonly random: () => number;
  readonly newUuid: () => string;
  readonly region: string;
  readonly runTask: TaskRunner;
  /** @default everything is allowed */
  readonly accessControl?: AccessControl | undefined;
  readonly childrenPerSecondMax: number;
  readonly statesAll: StatesAll;
  /** Runs the states of an ItemProcessor or branch to the end, in the given thread. */
  runStates(thread: Thread, processor: JsonObject, input: Json): Promise<Json>;
  readonly tokens: TaskTokens;
  startMapRun(parent: Thread, start: MapRunStart): MapRunHandle;
  /** @param input JSON text. @throws ServiceError */
  startExecution(
    stateMachineArn: string,
    name: string | undefined,
    input: string,
  ): { executionArn: string; startMs: number };
  stopExecution(
    executionArn: string,
    error: string | undefined,
    cause: string | undefined,
  ): { stopMs: number };
  /** Resolves with the record of the execution when the execution has ended. */
  settled(executionArn: string): Promise<ExecutionRecord>;
}

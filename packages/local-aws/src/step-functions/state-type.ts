import type { AccessControl } from './access-control';
import type { Clock } from './clock';
import type { StateFailure } from './errors';
import type { Thread } from './execution';
import type { Fields } from './fields';
import type { Evaluation } from './intrinsics';
import type { Json, JsonObject } from './json';
import type { MapRunHandle, MapRunStart } from './map-run-handle';
import type { ExecutionRecord } from './records';
import type { TaskRunner } from './task-runner';
import type { TaskTokens } from './task-tokens';

/** What the checks of one state may need besides its own fields. */
export interface CheckContext {
  /** Checks the states of a branch or an iteration, or of a child, which is `isolated` from outer variables. */
  readonly checkStates: (fields: Fields, isolated?: boolean) => void;
}

/** Which of the common fields a type of state has. */
export interface Traits {
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
  readonly traits: Traits;
  /** Reports what is wrong or unsupported among the fields of this type. */
  check(fields: Fields, context: CheckContext): void;
  /** Does the state's work once. Throws StateFailure, or Halted. */
  run(attempt: StateAttempt): Promise<Result>;
}

export type Result = Success | Failure;

interface Success {
  /** Before ResultSelector and ResultPath. */
  readonly result: Json;
  /** Chosen by a Choice; otherwise the state's own `Next` counts. */
  readonly next?: string;
  /** What is to be assigned instead of the state's own `Assign`: the chosen rule's. */
  readonly assign?: Json | undefined;
}

/** What a Parallel or Map runs has failed. It is recorded as the state's own failure unless the state is retried. */
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
  /** For paths and templates over `input`. */
  readonly evaluation: Evaluation;
  readonly retryCount: number;
  /** Of a task that waits for one. */
  readonly taskToken: string | undefined;
  readonly engine: EngineServices;
}

/** What states need of the engine around them. */
export interface EngineServices {
  readonly clock: Clock;
  readonly random: () => number;
  readonly newUuid: () => string;
  readonly region: string;
  readonly runTask: TaskRunner;
  /** @default everybody may do everything */
  readonly accessControl?: AccessControl | undefined;
  readonly childrenPerSecondMax: number;
  /** Runs `StartAt` and `States` of a processor or branch to the end, in the given thread. */
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
  /** The record of an execution that has ended, once it has. */
  settled(executionArn: string): Promise<ExecutionRecord>;
}

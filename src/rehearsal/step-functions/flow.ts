import { dataLimitExceeded, Halted, RuntimeFailure, StateFailure } from './errors';
import type { Thread } from './execution';
import { data } from './history';
import type { Evaluation } from './intrinsics';
import { byteLength, isObject, type Json, type JsonObject, textOf } from './json';
import { LIMITS } from './limits';
import { lookUp, parsePath, place } from './paths';
import { catcherFor, Retriers } from './retry-catch';
import type { EngineServices, StateKind } from './state-kind';
import { STATE_KINDS } from './state-kinds';
import { fill } from './templates';

/** Types that leave a `…StateAborted` event when a sibling's failure ends them. */
const ABORTABLE = ['Task', 'Wait', 'Map', 'Parallel'];

export interface FlowServices extends EngineServices {
  /** Counts one billed transition: a state entered, or retried. */
  countTransition(): void;
}

/** Runs `StartAt` and `States` of a machine, branch or processor to the end; the last state's output. */
export async function runStates(
  services: FlowServices,
  thread: Thread,
  body: JsonObject,
  input: Json,
): Promise<Json> {
  const states = isObject(body['States']) ? body['States'] : {};
  let data = input;
  for (let name: string | undefined = textOf(body['StartAt']); name !== undefined;) {
    const state = states[name];
    if (!isObject(state)) throw new RuntimeFailure(`There is no state '${name}'`);
    thread.scope.throwIfHalted();
    const passage: Passage = await new StateVisit(services, thread, name, state, data).pass();
    data = passage.output;
    name = passage.next;
  }
  return data;
}

interface Passage {
  readonly output: Json;
  readonly next: string | undefined;
}

/** The way through one state: enter, attempt and retry, catch, exit. */
class StateVisit {
  private readonly kind: StateKind;
  private readonly type: string;
  private readonly enteredEventId: number;
  private readonly enteredTime: string;
  private retryCount = 0;

  constructor(
    private readonly services: FlowServices,
    private readonly thread: Thread,
    private readonly name: string,
    private readonly state: JsonObject,
    private readonly rawInput: Json,
  ) {
    this.type = textOf(state['Type']);
    const kind = STATE_KINDS[this.type];
    if (!kind) throw new RuntimeFailure(`State '${name}' has the unknown type '${this.type}'`);
    this.kind = kind;
    services.countTransition();
    this.enteredTime = new Date(services.clock.nowMs()).toISOString();
    const details = { name, ...data('input', JSON.stringify(rawInput)) };
    const entered = thread.execution.add(`${this.type}StateEntered`, thread.previousEventId, [
      'stateEnteredEventDetails',
      details,
    ]);
    this.enteredEventId = entered;
    thread.previousEventId = entered;
  }

  async pass(): Promise<Passage> {
    try {
      const passage = await this.attemptAll();
      const details = { name: this.name, ...data('output', JSON.stringify(passage.output)) };
      const { thread } = this;
      thread.scope.throwIfHalted();
      thread.previousEventId = thread.execution.add(`${this.type}StateExited`, thread.previousEventId, [
        'stateExitedEventDetails',
        details,
      ]);
      return passage;
    } catch (error) {
      this.recordAbort(error);
      throw error instanceof RuntimeFailure ? error.within(this.name, this.enteredEventId) : error;
    }
  }

  private async attemptAll(): Promise<Passage> {
    const retriers = new Retriers(this.state);
    for (;;) {
      try {
        return await this.attempt();
      } catch (error) {
        if (!(error instanceof StateFailure)) throw error;
        const delayMs = retriers.nextDelayMs(error, this.services.random);
        if (delayMs === undefined) return this.caught(error);
        await this.thread.scope.wait(this.services.clock, delayMs);
        this.thread.scope.throwIfHalted();
        this.retryCount += 1;
        this.services.countTransition();
      }
    }
  }

  private async attempt(): Promise<Passage> {
    const { state, rawInput } = this;
    const input = this.select('InputPath', rawInput);
    const evaluation = this.over(input);
    const parameters = state['Parameters'];
    const { result, next } = await this.kind.run({
      thread: this.thread,
      name: this.name,
      state,
      input,
      payload: isObject(parameters) ? fill(parameters, evaluation) : input,
      evaluation,
      retryCount: this.retryCount,
      engine: this.services,
    });
    const selector = state['ResultSelector'];
    const selected = isObject(selector) ? fill(selector, this.over(result)) : result;
    const base = this.kind.traits.resultPath ? rawInput : selected;
    return this.passage(
      this.select('OutputPath', this.placed(state['ResultPath'], base, selected)),
      next ?? state['Next'],
    );
  }

  private caught(failure: StateFailure): Passage {
    const catcher = catcherFor(this.state, failure);
    if (!catcher) throw failure;
    const errorOutput: Json = { Error: failure.error ?? '', Cause: failure.causeText ?? '' };
    return this.passage(this.placed(catcher['ResultPath'], this.rawInput, errorOutput), catcher['Next']);
  }

  private passage(output: Json, next: Json | undefined): Passage {
    if (byteLength(JSON.stringify(output)) > LIMITS.dataBytesMax) throw dataLimitExceeded(this.name);
    return { output, next: typeof next === 'string' ? next : undefined };
  }

  /** `null` discards the result, no ResultPath replaces everything. */
  private placed(resultPath: Json | undefined, whole: Json, result: Json): Json {
    if (resultPath === null) return whole;
    return typeof resultPath === 'string' ? place(whole, parsePath(resultPath), result) : result;
  }

  private select(field: 'InputPath' | 'OutputPath', from: Json): Json {
    const path = this.state[field];
    if (path === undefined || path === '$') return from;
    if (path === null) return {};
    const value = lookUp(parsePath(textOf(path)), this.over(from));
    if (value !== undefined) return value;
    throw new RuntimeFailure(`Invalid path '${textOf(path)}' : No results for path: ${textOf(path)}`);
  }

  private over(input: Json): Evaluation {
    const { record, roleArn, stateMachineName, input: executionInput } = this.thread.execution;
    const context: JsonObject = {
      Execution: {
        Id: record.executionArn,
        Input: executionInput,
        Name: record.name,
        RoleArn: roleArn,
        StartTime: new Date(record.startMs).toISOString(),
        RedriveCount: 0,
      },
      StateMachine: { Id: record.stateMachineArn, Name: stateMachineName },
      State: { Name: this.name, EnteredTime: this.enteredTime, RetryCount: this.retryCount },
    };
    return { input, context, newUuid: this.services.newUuid };
  }

  private recordAbort(error: unknown): void {
    const { execution } = this.thread;
    if (!(error instanceof Halted) || !execution.open || !ABORTABLE.includes(this.type)) return;
    execution.add(`${this.type}StateAborted`, error.afterEventId);
  }
}

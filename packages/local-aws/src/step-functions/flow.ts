import { dataLimitExceeded, RuntimeFailure, StateFailure, STATES } from './errors';
import type { Thread } from './execution';
import { dataDetails } from './history';
import type { Evaluation } from './intrinsics';
import { byteLength, isObject, type Json, type JsonObject, ownValue, textOf, toText } from './json';
import { LIMITS } from './limits';
import { lookUp, describeMissingNode, parsePath, setAtPath } from './paths';
import { catcherFor, Retriers } from './retry-catch';
import type { EngineServices, StateType } from './state-type';
import { STATE_TYPES } from './state-types';
import { waitsForToken } from './tasks/integration';
import { fillTemplate } from './templates';

export interface FlowServices extends EngineServices {
  /** Counts one billed transition: a state that is entered or retried. */
  countTransition(): void;
}

/**
 * Runs the states of a machine, branch or ItemProcessor to the end, and returns the last state's output.
 * Continues from the thread's progress: a redrive skips the states that succeeded.
 */
export async function runStates(
  services: FlowServices,
  thread: Thread,
  body: JsonObject,
  input: Json,
): Promise<Json> {
  const states = isObject(body['States']) ? body['States'] : {};
  const { progress } = thread;
  if (!progress.current && !progress.done) progress.goTo(textOf(body['StartAt']), input);
  for (let { current } = progress; current !== undefined; { current } = progress) {
    const state = ownValue(states, current.name);
    if (!isObject(state)) throw new RuntimeFailure(`The state '${current.name}' does not exist`);
    thread.scope.throwIfHalted();
    thread.execution.haltIfTerminating();
    await new StateRun(services, thread, current.name, state, current.input).run();
  }
  return progress.done?.output ?? null;
}

interface Transition {
  readonly output: Json;
  readonly next: string | undefined;
  /** The variables to assign, by name. */
  readonly assigned: JsonObject;
}

/** Runs one state: enters it, attempts and retries it, catches its failure, exits it. */
class StateRun {
  private readonly stateType: StateType;
  private readonly type: string;
  private readonly enteredEventId: number;
  private readonly enteredTime: string;
  private retryCount = 0;
  /** A branch or child has failed in this attempt, and the history has no `…StateFailed` event for it yet. */
  private failureUnrecorded = false;
  private taskToken: string | undefined;

  constructor(
    private readonly services: FlowServices,
    private readonly thread: Thread,
    private readonly name: string,
    private readonly state: JsonObject,
    private readonly rawInput: Json,
  ) {
    this.type = textOf(state['Type']);
    const stateType = ownValue(STATE_TYPES, this.type);
    if (!stateType) throw new RuntimeFailure(`State '${name}' has the unknown type '${this.type}'`);
    this.stateType = stateType;
    services.countTransition();
    this.enteredTime = new Date(services.clock.nowMs()).toISOString();
    this.enteredEventId = this.enter();
    thread.previousEventId = this.enteredEventId;
    thread.openState = { type: this.type, abortable: stateType.abortable, branches: new Map() };
  }

  /** Records the entry. A redrive continues in a state that was already entered; it enters only Fail again. */
  private enter(): number {
    const { current } = this.thread.progress;
    if (current?.entered && this.type !== 'Fail') return this.thread.previousEventId;
    const details = { name: this.name, ...dataDetails('input', toText(this.rawInput)) };
    const entered = this.thread.execution.add(`${this.type}StateEntered`, this.thread.previousEventId, [
      'stateEnteredEventDetails',
      details,
    ]);
    if (current) current.entered = true;
    return entered;
  }

  /** Runs the state, then moves the thread's progress to the next state or to the end. */
  async run(): Promise<void> {
    const { progress } = this.thread;
    try {
      this.exit(await this.runWithRetries());
    } catch (error) {
      if (!(error instanceof StateFailure)) throw error;
      // A redrive runs such a state as a whole. After States.Runtime it also starts a new Map Run.
      if (error.error === STATES.dataLimitExceeded) progress.discardWork();
      if (error.error === STATES.runtime) progress.mapRun = undefined;
      throw error instanceof RuntimeFailure ? error.inState(this.name, this.enteredEventId) : error;
    }
  }

  private exit({ output, next, assigned }: Transition): void {
    const { thread } = this;
    const { progress } = thread;
    thread.scope.throwIfHalted();
    progress.variables.assign(assigned);
    const details = {
      name: this.name,
      ...dataDetails('output', toText(output)),
      ...assignedDetails(assigned),
    };
    thread.previousEventId = thread.execution.add(`${this.type}StateExited`, thread.previousEventId, [
      'stateExitedEventDetails',
      details,
    ]);
    thread.openState = undefined;
    if (next === undefined) progress.finish(output);
    else progress.goTo(next, output);
  }

  private async runWithRetries(): Promise<Transition> {
    const retriers = new Retriers(this.state, this.services.statesAll);
    for (;;) {
      try {
        return await this.attempt();
      } catch (error) {
        if (!(error instanceof StateFailure)) throw error;
        const delayMs = retriers.nextDelayMs(error, this.services.random);
        if (delayMs === undefined) {
          this.recordFailure();
          return this.catchFailure(error);
        }
        this.failureUnrecorded = false;
        await this.thread.scope.wait(this.services.clock, delayMs);
        this.thread.scope.throwIfHalted();
        this.retryCount += 1;
        this.services.countTransition();
        // A retry of a Map or Parallel runs all branches and iterations again.
        this.thread.progress.discardWork();
      }
    }
  }

  private async attempt(): Promise<Transition> {
    const { state, rawInput } = this;
    this.taskToken = waitsForToken(state) ? this.services.tokens.issue() : undefined;
    const input = this.applyPath('InputPath', rawInput);
    const evaluation = this.evaluationOf(input);
    const parameters = state['Parameters'];
    const outcome = await this.stateType.run({
      thread: this.thread,
      name: this.name,
      state,
      input,
      payload: isObject(parameters) ? fillTemplate(parameters, evaluation) : input,
      evaluation,
      retryCount: this.retryCount,
      taskToken: this.taskToken,
      engine: this.services,
    });
    if ('failure' in outcome) {
      this.failureUnrecorded = true;
      throw outcome.failure;
    }
    const { result, next, assign } = outcome;
    const assigned = this.evaluateAssign(assign ?? state['Assign'], result);
    const selector = state['ResultSelector'];
    const selected = isObject(selector) ? fillTemplate(selector, this.evaluationOf(result)) : result;
    const base = this.stateType.commonFields.resultPath ? rawInput : selected;
    return this.transition(
      this.applyPath('OutputPath', this.applyResultPath(state['ResultPath'], base, selected)),
      next ?? state['Next'],
      assigned,
    );
  }

  private evaluateAssign(template: Json | undefined, result: Json): JsonObject {
    return isObject(template) ? fillTemplate(template, this.evaluationOf(result)) : {};
  }

  private catchFailure(failure: StateFailure): Transition {
    const catcher = catcherFor(this.state, failure, this.services.statesAll);
    if (!catcher) throw failure;
    const errorOutput: Json = { Error: failure.error ?? '', Cause: failure.causeText ?? '' };
    const output = this.applyResultPath(catcher['ResultPath'], this.rawInput, errorOutput);
    return this.transition(output, catcher['Next'], this.evaluateAssign(catcher['Assign'], errorOutput));
  }

  private transition(output: Json, next: Json | undefined, assigned: JsonObject): Transition {
    if (byteLength(toText(output)) > LIMITS.dataBytesMax) throw dataLimitExceeded(this.name);
    this.thread.progress.variables.requireWithinLimits(assigned);
    return { output, next: typeof next === 'string' ? next : undefined, assigned };
  }

  /** Applies ResultPath: null discards the result; without a ResultPath, the result replaces the input. */
  private applyResultPath(resultPath: Json | undefined, whole: Json, result: Json): Json {
    if (resultPath === null) return whole;
    return typeof resultPath === 'string' ? setAtPath(whole, parsePath(resultPath), result) : result;
  }

  private applyPath(field: 'InputPath' | 'OutputPath', from: Json): Json {
    const path = this.state[field];
    if (path === undefined || path === '$') return from;
    if (path === null) return {};
    const parsed = parsePath(textOf(path));
    const roots = this.evaluationOf(from);
    const value = lookUp(parsed, roots);
    if (value !== undefined) return value;
    throw new RuntimeFailure(`Invalid path '${parsed.text}' : ${describeMissingNode(parsed, roots)}`);
  }

  private evaluationOf(input: Json): Evaluation {
    const { record, roleArn, stateMachineName, input: executionInput } = this.thread.execution;
    const context: JsonObject = {
      Execution: {
        Id: record.executionArn,
        Input: executionInput,
        Name: record.name,
        RoleArn: roleArn,
        StartTime: new Date(record.startMs).toISOString(),
        RedriveCount: record.redriveCount ?? 0,
        ...(record.redriveMs === undefined ? {} : { RedriveTime: new Date(record.redriveMs).toISOString() }),
      },
      StateMachine: { Id: record.stateMachineArn, Name: stateMachineName },
      State: {
        Name: this.name,
        EnteredTime: this.enteredTime,
        // Only states that can be retried have a RetryCount.
        ...(this.stateType.commonFields.errors ? { RetryCount: this.retryCount } : {}),
      },
      ...(this.taskToken === undefined ? {} : { Task: { Token: this.taskToken } }),
    };
    const { newUuid, random } = this.services;
    return { input, context, variables: this.thread.progress.variables, newUuid, random };
  }

  private recordFailure(): void {
    if (!this.failureUnrecorded) return;
    const { thread, type } = this;
    thread.previousEventId = thread.execution.add(`${type}StateFailed`, thread.previousEventId);
    thread.openState = undefined;
  }
}

/** Formats assigned variables for a history event: each value as JSON text. */
function assignedDetails(assigned: JsonObject): object {
  const values = Object.entries(assigned).map(([name, value]) => [name, toText(value)]);
  if (values.length === 0) return {};
  return {
    assignedVariables: Object.fromEntries(values) as object,
    assignedVariablesDetails: { truncated: false },
  };
}

import { mkdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

import type { StartedInvocation } from 'local-aws';
import { CONCERNS, disturbanceOf, refuseUnavailable, type Surroundings } from './calls';
import type { Fault, InjectedFault } from './catalog';
import { Chooser, type Point } from './chooser';
import { Clocks } from './clock-skew';
import {
  CONCERNS_DATABASE,
  DatabaseFaults,
  isDatabaseFault,
  type DatabaseFault,
  type DisturbedSides,
} from './databases';
import { draw } from './draw';
import { CONCERNS_INVOCATION, invokeTwice, throttleInvocation } from './invocations';
import { LambdaKiller } from './kill-lambda';
import type { Call, Disturbance } from './proxy/call';
import { startProxy, type Proxy } from './proxy/proxy';
import { FaultBudget } from './fault-budget';

export interface InjectionOptions {
  readonly seed: number;
  /** Called for each injected fault. */
  readonly note: (line: string) => void;
  /** For what must be on disk. */
  readonly directory: string;
  readonly sides: DisturbedSides;
}

/** Hooks of the engine for fault injection. */
export interface Injection {
  /** Called for every invocation that starts. */
  readonly onInvocation: (invocation: StartedInvocation) => void;
  /** Variables of a function's next execution environment, from the endpoints of the services. */
  variablesFor(functionName: string, endpoints: Readonly<Record<string, string>>): Record<string, string>;
  /** Runs an invocation by a state machine, or an attempt of an event. */
  invoke<Result>(functionArnOrName: string, run: () => Promise<Result>): Promise<Result>;
  /** Faults injected so far. */
  readonly injected: readonly InjectedFault[];
  /** Nothing goes wrong any more, and what lasted has ended. */
  end(): Promise<void>;
  close(): Promise<void>;
}

/** Starts what is needed for these faults, and no more: without faults between functions and services, nothing is between them. */
export async function inject(faults: readonly Fault[], options: InjectionOptions): Promise<Injection> {
  const injector = new Injector(faults, options);
  await injector.start();
  return injector;
}

class Injector implements Injection {
  readonly injected: InjectedFault[] = [];
  private readonly chooser: Chooser;
  private readonly databases: DatabaseFaults;
  private readonly killer: LambdaKiller | undefined;
  private readonly clocks: Clocks | undefined;
  private readonly running = new Map<string, StartedInvocation>();
  private readonly invocations = new Map<string, number>();
  private readonly closedUntilMs = new Map<string, number>();
  private readonly surroundings: Surroundings;
  private proxy: Proxy | undefined;
  private ended = false;

  constructor(
    private readonly faults: readonly Fault[],
    private readonly options: InjectionOptions,
  ) {
    const { seed, sides, directory } = options;
    const budget = new FaultBudget();
    this.chooser = new Chooser({ seed, budget });
    this.databases = new DatabaseFaults(sides);
    if (faults.includes('kill-lambda')) {
      this.killer = new LambdaKiller({
        ...{ seed, budget },
        onKill: ({ function: functionName, afterMs }) =>
          this.done('kill-lambda', functionName, `${afterMs} ms after its start`),
      });
    }
    if (faults.includes('clock-skew')) {
      mkdirSync(directory, { recursive: true });
      this.clocks = new Clocks(seed, directory);
    }
    this.surroundings = {
      share: (call, about) => draw(seed, about, call.functionName, whatOf(call), call.ordinal),
      kill: ({ environment }) => void this.running.get(environment)?.kill(),
      close: (service, ms) => this.closedUntilMs.set(service, performance.now() + ms),
      // The proxy delays callers that wait; a late request delays no caller.
      wait: (ms) => sleep(ms, undefined, { ref: false }),
    };
  }

  async start(): Promise<void> {
    if (this.faults.some((fault) => fault in CONCERNS || isDatabaseFault(fault)))
      this.proxy = await startProxy((call) => this.disturb(call));
  }

  readonly onInvocation = (invocation: StartedInvocation): void => {
    if (this.ended) return;
    this.killer?.onInvocation(invocation);
    const environment = this.proxy?.environmentOf(invocation.variables);
    if (environment !== undefined) this.running.set(environment, invocation);
  };

  variablesFor(functionName: string, endpoints: Readonly<Record<string, string>>): Record<string, string> {
    const skew = this.ended ? null : (this.clocks?.next(functionName) ?? null);
    if (skew !== null)
      this.done('clock-skew', functionName, `a new environment, whose clock is ${skew.ms} ms off`);
    return { ...endpoints, ...this.proxy?.endpointsFor(functionName, endpoints), ...skew?.variables };
  }

  async invoke<Result>(functionArnOrName: string, run: () => Promise<Result>): Promise<Result> {
    const functionName = functionArnOrName.replace(/^arn:.*:function:/, '').replace(/:\$LATEST$/, '');
    const ordinal = (this.invocations.get(functionName) ?? 0) + 1;
    this.invocations.set(functionName, ordinal);
    const point: Point = { functionName, what: 'lambda Invoke', ordinal };
    const fault = this.ended ? null : this.chooser.choose(point, this.among(CONCERNS_INVOCATION));
    if (fault === null) return run();
    this.done(fault, functionName, textOf(point));
    if (fault === 'throttle-lambda') return throttleInvocation();
    return invokeTwice(run, draw(this.options.seed, 'second', functionName, ordinal));
  }

  async end(): Promise<void> {
    this.ended = true;
    await this.databases.close();
  }

  async close(): Promise<void> {
    await this.end();
    await this.proxy?.close();
  }

  private among(concerned: readonly Fault[]): Fault[] {
    return this.faults.filter((fault) => concerned.includes(fault));
  }

  private disturb(call: Call): Disturbance | undefined {
    if (this.ended) return undefined;
    if (performance.now() < (this.closedUntilMs.get(call.service) ?? 0)) return refuseUnavailable;
    const point: Point = { functionName: call.functionName, what: whatOf(call), ordinal: call.ordinal };
    const concerned = this.faults.filter((name) =>
      isDatabaseFault(name)
        ? CONCERNS_DATABASE[name](call, this.options.sides)
        : (CONCERNS[name]?.(call) ?? false),
    );
    const fault = this.chooser.choose(point, concerned);
    if (fault === null) return undefined;
    if (isDatabaseFault(fault)) return this.inDatabase(fault, point);
    const disturbance = disturbanceOf(fault, this.surroundings);
    this.done(fault, call.functionName, textOf(point));
    return disturbance;
  }

  /** The call then goes its way. */
  private inDatabase(fault: DatabaseFault, point: Point): Disturbance {
    const { functionName, what, ordinal } = point;
    return async ({ forward, reply }) => {
      const share = draw(this.options.seed, fault, 'which', functionName, what, ordinal);
      if (await this.databases.disturb(fault, share)) this.done(fault, functionName, textOf(point));
      else this.chooser.takeBack(fault, point);
      reply(await forward());
    };
  }

  private done(fault: Fault, functionName: string, point: string): void {
    this.injected.push({ fault, function: functionName, at: new Date().toISOString(), point });
    this.options.note(`fault ${this.injected.length}: ${fault}, ${functionName}, ${point}`);
  }
}

const whatOf = ({ service, operation }: Call): string => `${service} ${operation}`;
const textOf = ({ what, ordinal }: Point): string => `at ${what} ${ordinal}`;

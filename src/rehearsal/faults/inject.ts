import { mkdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

import type { StartedInvocation } from 'local-aws';
import { CAN_DISTURB, createInterceptor, replyUnavailable, type FaultContext } from './calls';
import type { Fault, InjectedFault } from './catalog';
import { Chooser, type Point } from './chooser';
import { SkewedClocks } from './clock-skew';
import {
  CAN_DISTURB_DATABASE,
  DatabaseFaults,
  isDatabaseFault,
  type DatabaseFault,
  type InjectionSides,
} from './databases';
import { seededFraction } from './seeded-fraction';
import { INVOCATION_FAULTS, invokeTwice, throttleInvocation } from './invocations';
import { LambdaKiller } from './kill-lambda';
import type { Call, Interceptor } from './proxy/call';
import { startProxy, type Proxy } from './proxy/proxy';
import { FaultBudget } from './fault-budget';

export interface InjectionOptions {
  readonly seed: number;
  /** Called with a line for each injected fault. */
  readonly note: (line: string) => void;
  /** Directory for files that the injection needs. */
  readonly directory: string;
  readonly sides: InjectionSides;
}

/** The hooks by which the engine lets faults be injected. */
export interface Injection {
  /** The engine calls it for every invocation that starts. */
  readonly onInvocation: (invocation: StartedInvocation) => void;
  /** Returns the variables of a function's next execution environment. @param endpoints of the services */
  variablesFor(functionName: string, endpoints: Readonly<Record<string, string>>): Record<string, string>;
  /** Runs an invocation by a state machine, or an attempt of an event. */
  invoke<Result>(functionArnOrName: string, run: () => Promise<Result>): Promise<Result>;
  /** The faults injected so far. */
  readonly injected: readonly InjectedFault[];
  /** Stops injecting, and waits until lasting faults have ended. */
  end(): Promise<void>;
  close(): Promise<void>;
}

/** Starts only the parts that these faults need: without faults of calls or databases, there is no proxy. */
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
  private readonly clocks: SkewedClocks | undefined;
  private readonly running = new Map<string, StartedInvocation>();
  private readonly invocations = new Map<string, number>();
  private readonly unavailableUntilMs = new Map<string, number>();
  private readonly context: FaultContext;
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
          this.record('kill-lambda', functionName, `${afterMs} ms after its start`),
      });
    }
    if (faults.includes('clock-skew')) {
      mkdirSync(directory, { recursive: true });
      this.clocks = new SkewedClocks(seed, directory);
    }
    this.context = {
      fraction: (call, about) =>
        seededFraction(seed, about, call.functionName, operationOf(call), call.ordinal),
      kill: ({ environment }) => void this.running.get(environment)?.kill(),
      makeUnavailable: (service, ms) => this.unavailableUntilMs.set(service, performance.now() + ms),
      // Not referenced: a late copy of a request does not keep the process alive.
      wait: (ms) => sleep(ms, undefined, { ref: false }),
    };
  }

  async start(): Promise<void> {
    if (this.faults.some((fault) => fault in CAN_DISTURB || isDatabaseFault(fault)))
      this.proxy = await startProxy((call) => this.intercept(call));
  }

  readonly onInvocation = (invocation: StartedInvocation): void => {
    if (this.ended) return;
    this.killer?.onInvocation(invocation);
    const environment = this.proxy?.environmentOf(invocation.variables);
    if (environment !== undefined) this.running.set(environment, invocation);
  };

  variablesFor(functionName: string, endpoints: Readonly<Record<string, string>>): Record<string, string> {
    const skew = this.ended ? null : (this.clocks?.nextSkew(functionName) ?? null);
    if (skew !== null)
      this.record('clock-skew', functionName, `a new environment, whose clock is ${skew.ms} ms off`);
    return { ...endpoints, ...this.proxy?.endpointsFor(functionName, endpoints), ...skew?.variables };
  }

  async invoke<Result>(functionArnOrName: string, run: () => Promise<Result>): Promise<Result> {
    const functionName = functionArnOrName.replace(/^arn:.*:function:/, '').replace(/:\$LATEST$/, '');
    const ordinal = (this.invocations.get(functionName) ?? 0) + 1;
    this.invocations.set(functionName, ordinal);
    const point: Point = { functionName, operation: 'lambda Invoke', ordinal };
    const fault = this.ended ? null : this.chooser.choose(point, this.requestedAmong(INVOCATION_FAULTS));
    if (fault === null) return run();
    this.record(fault, functionName, textOf(point));
    if (fault === 'throttle-lambda') return throttleInvocation();
    return invokeTwice(run, seededFraction(this.options.seed, 'second', functionName, ordinal));
  }

  async end(): Promise<void> {
    this.ended = true;
    await this.databases.close();
  }

  async close(): Promise<void> {
    await this.end();
    await this.proxy?.close();
  }

  private requestedAmong(concerned: readonly Fault[]): Fault[] {
    return this.faults.filter((fault) => concerned.includes(fault));
  }

  private intercept(call: Call): Interceptor | undefined {
    if (this.ended) return undefined;
    if (performance.now() < (this.unavailableUntilMs.get(call.service) ?? 0)) return replyUnavailable;
    const point: Point = {
      functionName: call.functionName,
      operation: operationOf(call),
      ordinal: call.ordinal,
    };
    const concerned = this.faults.filter((name) =>
      isDatabaseFault(name)
        ? CAN_DISTURB_DATABASE[name](call, this.options.sides)
        : (CAN_DISTURB[name]?.(call) ?? false),
    );
    const fault = this.chooser.choose(point, concerned);
    if (fault === null) return undefined;
    if (isDatabaseFault(fault)) return this.interceptForDatabase(fault, point);
    const disturbance = createInterceptor(fault, this.context);
    this.record(fault, call.functionName, textOf(point));
    return disturbance;
  }

  /** Injects the fault into the database, then forwards the call. */
  private interceptForDatabase(fault: DatabaseFault, point: Point): Interceptor {
    const { functionName, operation, ordinal } = point;
    return async ({ forward, reply }) => {
      const fraction = seededFraction(this.options.seed, fault, 'which', functionName, operation, ordinal);
      if (await this.databases.inject(fault, fraction)) this.record(fault, functionName, textOf(point));
      else this.chooser.defer(fault, point);
      reply(await forward());
    };
  }

  private record(fault: Fault, functionName: string, point: string): void {
    this.injected.push({ fault, function: functionName, at: new Date().toISOString(), point });
    this.options.note(`fault ${this.injected.length}: ${fault}, ${functionName}, ${point}`);
  }
}

const operationOf = ({ service, operation }: Call): string => `${service} ${operation}`;
const textOf = ({ operation, ordinal }: Point): string => `at ${operation} ${ordinal}`;

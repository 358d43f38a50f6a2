/** A second deployment on the databases of a rehearsal, with an engine and a ledger of its own. */
import { join } from 'node:path';
import { startEngine, type Engine } from 'local-aws';
import { controlTableName } from '../../../contract/names';
import type { Call } from '../../faults/proxy/call';
import type { OpenRehearsal } from '../../rehearse';
import type { Operator, Ports } from '../../rehearse/ports';
import type { Outcome } from './attack';
import { abortOutcome, callOutcome, startOutcome } from './outcomes';
import { startCheckpoints } from './checkpoints';
import { Gate } from './gate';
import { restoreLedger, type LedgerItem } from './ledger-copy';

export interface RivalOptions {
  readonly name: string;
  readonly environment: string;
  readonly assemblyDirectory: string;
  readonly rehearsal: OpenRehearsal;
  readonly ports: Ports;
}

const POLL_MS = 200;
/** An execution that has not ended after this has not been refused. */
const ENDS_MS_MAX = 150_000;
const FIRST_GENERATION = 1;
/** The first function that changes a database. */
const HELD = 'prepare';

/** The points at which the first function that changes a database can be held up. */
interface Gates {
  /** Before its invocation. */
  readonly invocation: Gate;
  /** Before its first controlling call. */
  readonly call: Gate;
  /** How the call ended that was held up; null before. */
  heldCall: Outcome | null;
}

export class Rival {
  private started: string | null = null;

  private constructor(
    private readonly options: RivalOptions,
    private readonly engine: Engine,
    private readonly operator: Operator,
    private readonly gates: Gates,
    private readonly closers: readonly (() => Promise<void>)[],
  ) {}

  static async start(options: RivalOptions): Promise<Rival> {
    const { name, environment, assemblyDirectory, rehearsal, ports } = options;
    const gates: Gates = { invocation: new Gate(), call: new Gate(), heldCall: null };
    const checkpoints = await startCheckpoints({
      environment,
      beforeInvocation: async (called) => (called === HELD ? gates.invocation.pass() : undefined),
      calls: {
        of: [HELD],
        before: async (call) => (isRegistration(call) ? gates.call.pass() : undefined),
        after: (call, reply) => {
          if (isRegistration(call) && gates.call.isReached) gates.heldCall ??= callOutcome('register', reply);
        },
      },
    });
    try {
      const engine = await startEngine({
        ...{ assemblyDirectory, faults: checkpoints, ...rehearsal.addresses },
        stateDirectory: join(rehearsal.directory.path, name),
      });
      const operator = ports.operatorOf(engine.environment, environment);
      return new Rival(options, engine, operator, gates, [() => engine.close(), () => checkpoints.close()]);
    } catch (error) {
      await checkpoints.close();
      throw error;
    }
  }

  /** Replaces the empty ledger by a copy. */
  restore(items: readonly LedgerItem[]): Promise<void> {
    return restoreLedger(controlTableName(this.options.environment), this.engine.environment, items);
  }

  /** Starts the migration, and waits until it has passed preflight. It continues when `finishStart` is called. */
  async startEarly(): Promise<void> {
    const { invocation } = this.gates;
    invocation.close();
    this.started = await this.startOrResume();
    await this.waitUntil(async () => invocation.isReached || (await this.hasEnded(this.started!)));
    if (!invocation.isReached)
      throw new Error(`the ${this.options.name} deployment did not pass its preflight`);
  }

  /** Starts the migration unless it was started early, and waits for its end. */
  async finishStart(): Promise<Outcome> {
    this.started ??= await this.startOrResume();
    this.gates.invocation.open();
    return startOutcome(this.operator, await this.endOf(this.started));
  }

  /** After an early start: continues up to the first controlling call, which waits until `finishCall` is called. */
  async continueToCall(): Promise<void> {
    const { invocation, call } = this.gates;
    call.close();
    invocation.open();
    await this.waitUntil(async () => call.isReached || (await this.hasEnded(this.started!)));
  }

  /** Sends the call that waits, although its execution may have been stopped. */
  async finishCall(): Promise<Outcome> {
    this.gates.call.open();
    await this.waitUntil(async () => this.gates.heldCall !== null);
    return this.gates.heldCall ?? { call: 'register', error: 'unfinished', sentence: 'no call was held up' };
  }

  async abort(): Promise<Outcome> {
    const { migration } = this.options.rehearsal;
    const generation = (await this.operator.report(migration.name))?.record.generation ?? FIRST_GENERATION;
    const reason = `the ${this.options.name} deployment aborts`;
    const execution = await this.operator.startAbort({ migration: migration.name, generation, reason });
    return abortOutcome(this.operator, migration.name, await this.endOf(execution));
  }

  async close(): Promise<void> {
    this.gates.call.open();
    this.gates.invocation.open();
    for (const close of this.closers) await close();
  }

  /** A restored ledger may have a generation that runs. */
  private async startOrResume(): Promise<string> {
    const { name: migration } = this.options.rehearsal.migration;
    const record = (await this.operator.report(migration))?.record;
    return record === undefined || record.status === 'aborted'
      ? this.operator.startMigration({ migration })
      : this.operator.resumeMigration(record);
  }

  /** Returns the execution's ARN when it has ended, or when it takes too long. */
  private async endOf(execution: string): Promise<string> {
    await this.waitUntil(() => this.hasEnded(execution));
    return execution;
  }

  private async hasEnded(execution: string): Promise<boolean> {
    const state = await this.operator.describe(execution);
    return state !== null && state.status !== 'RUNNING';
  }

  private async waitUntil(isDone: () => Promise<boolean>): Promise<void> {
    const { ports } = this.options;
    for (const startedMs = ports.now(); ports.now() - startedMs < ENDS_MS_MAX; await ports.sleep(POLL_MS)) {
      ports.interrupted.throwIfAborted();
      if (await isDone()) return;
    }
  }
}

/** Installing creates the function of this name; the call selects from it. */
const isRegistration = ({ service, body }: Call): boolean =>
  service === 'rds-data' && body.toString().includes('FROM sluice.register');

/**
 * The operator of a rehearsal under attack: starts, aborts and restarts the migration as its seed says, attacks at the seed's
 * moments, and reports the last execution.
 */
import { traitsOf } from '../../../contract/lifecycle';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Call } from '../../faults/proxy/call';
import type { OpenRehearsal } from '../../rehearse';
import type { ExecutionState, Operator, Ports } from '../../rehearse/ports';
import type { PerformedAttack } from './attack';
import { AttackPerformer } from './perform-attack';
import { holdMsMaxAt, momentAtCall, momentBefore, type Moment } from './moments';
import type { OwnershipPlan } from './plan';
import { findAbortDoubts, readInventory, type Inventory } from './restored-ends';
import { copyOf, type LedgerCopies } from './ledger-copies';
import type { RivalAssemblies } from './rivals';

export interface OwnershipOperatorOptions {
  readonly operator: Operator;
  readonly plan: OwnershipPlan;
  readonly ports: Ports;
  readonly rehearsal: OpenRehearsal;
  readonly assemblies: RivalAssemblies;
}

const POLL_MS = 200;
const FENCE_SECONDS = '90';
const RUNNING: ExecutionState = { status: 'RUNNING', error: null, cause: null };

export class OwnershipOperator implements Operator {
  readonly attacks: PerformedAttack[] = [];
  readonly doubts: string[] = [];
  /** The generation that should be the last one. */
  readonly generations: number;
  private readonly performer: AttackPerformer;
  private readonly copies: LedgerCopies = new Map();
  private readonly reached = new Set<string>();
  private readonly pending: Promise<void>[] = [];
  private generation = 1;
  private current = '';
  private final: ExecutionState | null = null;
  private failure: Error | null = null;
  private inventory: Inventory | null = null;

  constructor(private readonly options: OwnershipOperatorOptions) {
    this.generations = options.plan.abort === null ? 1 : 2;
    this.performer = new AttackPerformer({ ...options, copies: this.copies });
  }

  async startMigration(input: { readonly migration: string }): Promise<string> {
    this.inventory = await readInventory(this.options.rehearsal);
    await this.performer.prepare();
    this.current = await this.options.operator.startMigration(input);
    void this.run(input).catch((error: unknown) => this.fail(error));
    return this.current;
  }

  resumeMigration(): Promise<string> {
    return Promise.reject(new Error('a rehearsal under attack starts its migration once'));
  }

  startAbort(input: Parameters<Operator['startAbort']>[0]): Promise<string> {
    return this.options.operator.startAbort(input);
  }

  changeSettings(...request: Parameters<Operator['changeSettings']>): ReturnType<Operator['changeSettings']> {
    return this.options.operator.changeSettings(...request);
  }

  /** @throws the error of an attack */
  async describe(): Promise<ExecutionState | null> {
    if (this.failure !== null) throw this.failure;
    return this.final ?? RUNNING;
  }

  history(): ReturnType<Operator['history']> {
    return this.options.operator.history(this.current);
  }

  report(migration: string): ReturnType<Operator['report']> {
    return this.options.operator.report(migration);
  }

  async close(): Promise<void> {
    await this.performer.close();
  }

  readonly beforeInvocation = async (name: string): Promise<void> => {
    const moment = momentBefore(this.options.plan.shape, name);
    if (moment !== null) await this.reach(moment);
  };

  readonly beforeCall = async (call: Call): Promise<void> => {
    const { plan, rehearsal } = this.options;
    const moment = momentAtCall(plan.shape, call, rehearsal.endpoints.target.clusterArn);
    if (moment !== null) await this.reach(moment);
  };

  private async run(input: { readonly migration: string }): Promise<void> {
    const { operator, plan, rehearsal, ports } = this.options;
    if (plan.abort !== null) {
      const ended = await this.endOf(this.current);
      await this.settle();
      if (ended.status === 'SUCCEEDED') {
        this.doubts.push(`generation 1 was not aborted: it did not reach ${plan.abort.moment}`);
        this.final = ended;
        return;
      }
      this.doubts.push(...(await findAbortDoubts(rehearsal, operator, this.inventory!)));
      await this.reach('aborted');
      await this.settle();
      ports.note('starting the next generation');
      this.generation = 2;
      this.current = await operator.startMigration(input);
    }
    const ended = await this.endOf(this.current);
    await this.settle();
    if (ended.status === 'SUCCEEDED') await this.reach('done');
    await this.settle();
    this.final = ended;
  }

  /** Does what the plan has for this moment, the first time that this generation reaches it. */
  private async reach(moment: Moment): Promise<void> {
    const { plan } = this.options;
    const key = `${this.generation} ${moment}`;
    if (this.final !== null || this.reached.has(key)) return;
    this.reached.add(key);
    const work = this.performAt(moment, this.generation).catch((error: unknown) => this.fail(error));
    this.pending.push(work);
    await raceWithTimeout(work, holdMsMaxAt(plan.shape, moment));
  }

  private async performAt(moment: Moment, generation: number): Promise<void> {
    const { plan, rehearsal } = this.options;
    const isNow = (planned: { readonly generation: number; readonly moment: Moment }): boolean =>
      planned.generation === generation && planned.moment === moment;
    const isCopied = plan.attacks.some(({ copied }) => copied !== null && isNow(copied));
    if (isCopied) this.copies.set(`${generation} ${moment}`, await copyOf(rehearsal));
    if (moment === 'started' && traitsOf(plan.shape).fences === 'cutover') await this.lengthenFence();
    const isTwice = plan.abort?.twice === true;
    if (generation === 1 && plan.abort?.moment === moment && !isTwice) await this.performer.abort();
    for (const attack of plan.attacks.filter(isNow)) this.attacks.push(await this.performer.perform(attack));
  }

  /** The fence lasts while an attack that it overlaps runs; its own length is not under test. */
  private async lengthenFence(): Promise<void> {
    const { operator, plan } = this.options;
    await operator.changeSettings(plan.migration, [{ name: 'fence.seconds', value: FENCE_SECONDS }]);
  }

  /** Waits for the attacks that a moment did not wait for. */
  private async settle(): Promise<void> {
    while (this.pending.length > 0) await Promise.all(this.pending.splice(0));
  }

  private async endOf(execution: string): Promise<ExecutionState> {
    const { operator, ports } = this.options;
    for (;;) {
      ports.interrupted.throwIfAborted();
      const state = await operator.describe(execution);
      if (state !== null && state.status !== 'RUNNING') return state;
      await ports.sleep(POLL_MS);
    }
  }

  private fail(error: unknown): void {
    this.failure ??= error instanceof Error ? error : new Error(String(error));
  }
}

async function raceWithTimeout(work: Promise<void>, ms: number): Promise<void> {
  const ended = new AbortController();
  await Promise.race([work, sleep(ms, undefined, { signal: ended.signal }).catch(() => undefined)]);
  ended.abort();
}

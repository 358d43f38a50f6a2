/** Performs the attacks of a plan, through state machines and functions of the product alone. */
import type { OpenRehearsal } from '../../rehearse';
import type { Operator, Ports } from '../../rehearse/ports';
import { RIVAL_OF, type Outcome, type PerformedAttack, type RivalKind } from './attack';
import { abortOutcome } from './outcomes';
import type { LedgerCopies } from './ledger-copies';
import type { OwnershipPlan, PlannedAttack } from './plan';
import { Rival } from './rival';
import { deploymentOf, type RivalAssemblies } from './rivals';

export interface AttackPerformerOptions {
  readonly operator: Operator;
  readonly plan: OwnershipPlan;
  readonly ports: Ports;
  readonly rehearsal: OpenRehearsal;
  readonly assemblies: RivalAssemblies;
  readonly copies: LedgerCopies;
}

const POLL_MS = 200;
/** The generation whose abort arrives late. */
const ABORTED_GENERATION = 1;

export class AttackPerformer {
  private readonly rivals = new Map<RivalKind, Rival>();

  constructor(private readonly options: AttackPerformerOptions) {}

  /** Starts the deployments that attack, before the migration starts; those that are early pass their preflight. */
  async prepare(): Promise<void> {
    const { plan, ports, rehearsal, assemblies } = this.options;
    for (const { kind, early } of plan.attacks) {
      const rivalKind = RIVAL_OF[kind];
      if (rivalKind === null || this.rivals.has(rivalKind)) continue;
      const rival = await Rival.start({ ...deploymentOf(rivalKind, assemblies), rehearsal, ports });
      this.rivals.set(rivalKind, rival);
      if (early) await rival.startEarly();
    }
  }

  async perform(attack: PlannedAttack): Promise<PerformedAttack> {
    const { kind, generation, moment } = attack;
    this.options.ports.note(`attack ${kind}, generation ${generation}, ${moment}`);
    const outcomes = await this.outcomesOf(attack);
    for (const { call, error, sentence } of outcomes)
      this.options.ports.note(`${kind} ended, ${call}: ${error}: ${sentence}`);
    return { kind, generation, moment, outcomes };
  }

  /** Aborts the running generation, as its operator would. */
  async abort(): Promise<Outcome> {
    const { operator, plan } = this.options;
    const { migration } = plan;
    const generation = (await operator.report(migration))!.record.generation;
    return this.abortGeneration(generation, 'the seed aborts');
  }

  async close(): Promise<void> {
    for (const rival of this.rivals.values()) await rival.close();
    this.rivals.clear();
  }

  private async outcomesOf(attack: PlannedAttack): Promise<readonly Outcome[]> {
    switch (attack.kind) {
      case 'foreign-start':
        return [await this.rival('foreign').finishStart()];
      case 'foreign-start-and-abort':
        return startThenAbort(this.rival('foreign'));
      case 'foreign-abort-while-running':
        return abortThenContinue(this.rival('foreign'));
      case 'recreated-ledger':
        return startThenAbort(this.rival('recreated'));
      case 'late-abort':
        return [await this.abortGeneration(ABORTED_GENERATION, 'delivered an hour late')];
      case 'two-aborts':
        return Promise.all([this.abort(), this.abort()]);
      case 'restored-abort':
        return [await (await this.restored(attack)).abort()];
      case 'restored-start':
        return [await (await this.restored(attack)).finishStart()];
    }
  }

  private rival(kind: RivalKind): Rival {
    return this.rivals.get(kind)!;
  }

  private async restored({ copied }: PlannedAttack): Promise<Rival> {
    const copy = this.options.copies.get(`${copied!.generation} ${copied!.moment}`);
    if (copy === undefined)
      throw new Error(
        `the ledger was not copied: generation ${copied!.generation} did not reach ${copied!.moment}`,
      );
    const rival = this.rival('restored');
    await rival.restore(copy);
    return rival;
  }

  private async abortGeneration(generation: number, reason: string): Promise<Outcome> {
    const { operator, plan, ports } = this.options;
    const { migration } = plan;
    const execution = await operator.startAbort({ migration, generation, reason });
    for (;;) {
      ports.interrupted.throwIfAborted();
      const state = await operator.describe(execution);
      if (state !== null && state.status !== 'RUNNING') return abortOutcome(operator, migration, execution);
      await ports.sleep(POLL_MS);
    }
  }
}

async function startThenAbort(rival: Rival): Promise<readonly Outcome[]> {
  const start = await rival.finishStart();
  return [start, await rival.abort()];
}

/** The deployment's ledger says that its migration runs while it is aborted; its function's call arrives afterwards. */
async function abortThenContinue(rival: Rival): Promise<readonly Outcome[]> {
  await rival.continueToCall();
  const abort = await rival.abort();
  return [abort, await rival.finishCall()];
}

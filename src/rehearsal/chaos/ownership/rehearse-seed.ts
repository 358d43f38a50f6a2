/** Rehearses one seed under attack, and decides whether the owning generation was untouched. */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ENVIRONMENT, rehearse, type OpenRehearsal, type Ports, type RehearsalResult } from '../../rehearse';
import { isRefused, type PerformedAttack } from './attack';
import { namesOwner } from './outcomes';
import { startCheckpoints } from './checkpoints';
import { CALLERS } from './moments';
import { OwnershipOperator } from './ownership-operator';
import type { OwnershipPlan } from './plan';
import { findForeignLeftovers } from './restored-ends';
import type { RivalAssemblies } from './rivals';

export interface OwnershipSeedOptions {
  readonly projectRoot: string;
  readonly template: string;
  readonly rows: number;
  readonly assemblies: RivalAssemblies;
}

export interface OwnershipSeed {
  readonly seed: number;
  readonly migration: string;
  readonly verdict: 'untouched' | 'touched';
  readonly attacks: readonly PerformedAttack[];
  readonly doubts: readonly string[];
  readonly observations: number;
  readonly seconds: number;
}

const MINUTES_MAX = 15;

export async function rehearseOwnershipSeed(
  plan: OwnershipPlan,
  options: OwnershipSeedOptions,
  ports: Ports,
): Promise<OwnershipSeed> {
  const startedMs = performance.now();
  const limit = AbortSignal.timeout(MINUTES_MAX * 60_000);
  const limited = { ...ports, interrupted: AbortSignal.any([ports.interrupted, limit]) };
  const harness = new Harness(plan, options, limited);
  const { result, doubts } = await harness.run();
  ports.interrupted.throwIfAborted();
  return {
    ...{ seed: plan.seed, migration: plan.migration, doubts, attacks: harness.attacks },
    verdict: doubts.length === 0 ? 'untouched' : 'touched',
    observations: result?.observed?.observations ?? 0,
    seconds: (performance.now() - startedMs) / 1000,
  };
}

class Harness {
  private rehearsal: OpenRehearsal | null = null;
  private operator: OwnershipOperator | null = null;
  private leftovers: readonly string[] = ['the leftovers of other control planes were not read'];

  constructor(
    private readonly plan: OwnershipPlan,
    private readonly options: OwnershipSeedOptions,
    private readonly ports: Ports,
  ) {}

  get attacks(): readonly PerformedAttack[] {
    return this.operator?.attacks ?? [];
  }

  async run(): Promise<{ readonly result: RehearsalResult | null; readonly doubts: readonly string[] }> {
    const statePath = mkdtempSync(join(tmpdir(), 'sluice-ownership-'));
    // PostgreSQL may run as another user, which needs access to the directory.
    chmodSync(statePath, 0o755);
    const checkpoints = await startCheckpoints({
      environment: ENVIRONMENT,
      beforeInvocation: async (name) => this.operator?.beforeInvocation(name),
      calls: { of: CALLERS, before: async (call) => this.operator?.beforeCall(call) },
    });
    try {
      const result = await this.rehearse(statePath, checkpoints);
      return { result, doubts: this.doubtsOf(result) };
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      return { result: null, doubts: [`the rehearsal ended without a verdict: ${message}`] };
    } finally {
      await this.operator?.close();
      await checkpoints.close();
      rmSync(statePath, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    }
  }

  private rehearse(
    statePath: string,
    hooks: Awaited<ReturnType<typeof startCheckpoints>>,
  ): Promise<RehearsalResult> {
    const { projectRoot, template, rows, assemblies } = this.options;
    const { migration, seed } = this.plan;
    return rehearse(
      {
        ...{ projectRoot, statePath, templatePath: template, plan: { migration, rows, seed } },
        ...{ resume: false, keep: false, observe: true, hooks },
        onOpen: (rehearsal) => (this.rehearsal = rehearsal),
        onClose: async (rehearsal) => {
          this.leftovers = await findForeignLeftovers(rehearsal);
          await this.operator?.close();
        },
      },
      { line: () => undefined, columns: 80 },
      {
        ...this.ports,
        operatorOf: (variables, environment) => {
          const operator = this.ports.operatorOf(variables, environment);
          if (environment !== undefined) return operator;
          this.operator = new OwnershipOperator({
            ...{ operator, plan: this.plan, ports: this.ports, assemblies, rehearsal: this.rehearsal! },
          });
          return this.operator;
        },
      },
    );
  }

  private doubtsOf(result: RehearsalResult): readonly string[] {
    const { plan, attacks } = this;
    const missing = plan.attacks.filter(({ kind }) => !attacks.some((attack) => attack.kind === kind));
    return [
      ...result.doubts,
      ...(this.operator?.doubts ?? []),
      ...this.leftovers,
      ...missing.map(
        ({ kind, generation, moment }) =>
          `attack ${kind} never happened: generation ${generation} did not reach ${moment}`,
      ),
      ...attacks.flatMap(outcomeDoubts),
    ];
  }
}

/** Every foreign or late call must end with a reason. */
function outcomeDoubts({ kind, moment, outcomes }: PerformedAttack): string[] {
  const accepted = outcomes.filter((outcome) => !isRefused(outcome));
  const isAllowed = accepted.length <= (kind === 'two-aborts' ? outcomes.length : 0);
  return [
    ...(isAllowed
      ? []
      : accepted.map(
          ({ call, error }) => `attack ${kind} at ${moment}: its ${call} was not refused: ${error}`,
        )),
    ...outcomes
      .filter((outcome) => isRefused(outcome) && !namesOwner(outcome))
      .map(
        ({ call, error, sentence }) =>
          `attack ${kind} at ${moment}: its ${call} ended without naming the owner: ${error}: ${sentence}`,
      ),
  ];
}

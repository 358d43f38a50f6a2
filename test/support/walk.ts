/** Walks a trial through its lifecycle in process: the same rows as the state machine, without its waiting. */
import { following, stepOf, type Next, type StepOutcome } from '../../src/contract/lifecycle/interpret';
import { stagesOfStep, type Machine, type Stage, type Step } from '../../src/contract/lifecycle';
import { RETRIES } from '../../src/contract/lifecycle/retry';
import { cutoverRound } from '../../src/core/stages/cutover';
import { isFinished } from '../../src/core/execution/run-stage';
import { nextWave } from '../../src/core/backfill/next-wave';
import { verifyItem } from '../../src/core/verification/verify-item';
import type { World } from '../../src/core/world';
import type { ChunkItem } from '../../src/contract/payloads';
import { stageFunction } from './stage-functions';
import type { TrialPorts } from './trial-ports';

/** Each is twenty seconds; a test does not last longer. */
const WAITS_MAX = 2;

/** Runs steps in the order of the lifecycle until this stage is finished. */
export async function walkStages(trial: TrialPorts, until: Stage, world: World): Promise<void> {
  const machine = trial.machine();
  await new Walk(trial, machine, world, until).run(machine.steps[1]!);
}

/** Runs one stage once, and what follows if its fence has to be cancelled. */
export async function runStageOf(trial: TrialPorts, stage: Stage, world: World): Promise<void> {
  const machine = trial.machine();
  const step = machine.steps.find(({ finishes }) => finishes?.includes(stage));
  if (!step) throw new Error(`${trial.definition.shape} has no stage ${stage}`);
  const walk = new Walk(trial, machine, world, stage);
  const first = LOOPS[step.id];
  if (first === undefined) await walk.step(step);
  else await walk.run(stepOf(machine, first));
}

/** Gates that decide on waves: a stage that they finish starts with the waves. */
const LOOPS: Readonly<Record<string, string>> = {
  'next-copy-wave': 'next-copy-wave',
  judge: 'next-verify-wave',
  'catch-up': 'next-verify-wave',
};

class Walk {
  private items: readonly ChunkItem[] = [];
  private waits = 0;
  private readonly retries = new Map<string, number>();

  constructor(
    private readonly trial: TrialPorts,
    private readonly machine: Machine,
    private readonly world: World,
    private readonly until: Stage,
  ) {}

  async run(first: Step): Promise<void> {
    if (await this.isThere()) return;
    for (let step: Step | null = first; step !== null;) step = await this.attempt(step);
  }

  /** A step with its retries; what follows it is not run. */
  async step(step: Step): Promise<void> {
    while ((await this.attempt(step)) === step);
  }

  /** One attempt of a step; returns the step that follows, or null at the end. @throws what the machine would fail with */
  async attempt(step: Step): Promise<Step | null> {
    let failure = new Error(`${step.id} returned no verdict that the lifecycle knows`);
    const outcome = await this.perform(step).catch((error: unknown): StepOutcome => {
      if (!(error instanceof Error)) throw new TypeError(`${step.id} threw what is not an error`);
      failure = error;
      return { error: error.name };
    });
    if (!('error' in outcome) && (await this.isThere())) return null;
    const [soon, exhausted] = following(this.machine, step, outcome);
    const chosen = soon === 'retry' && !this.mayRetry(step) ? exhausted! : soon!;
    return this.go(step, chosen, failure);
  }

  private go(step: Step, chosen: Next, failure: Error): Step | null {
    if (chosen === 'retry') return step;
    this.retries.delete(step.id);
    if (chosen === 'end') return null;
    if (chosen === 'fail') throw failure;
    return stepOf(this.machine, chosen.step);
  }

  private mayRetry(step: Step): boolean {
    const retries = this.retries.get(step.id) ?? 0;
    this.retries.set(step.id, retries + 1);
    // A function that dies is not walked: only errors that it throws are.
    return 'retry' in step && retries < RETRIES[step.retry].attemptsMax;
  }

  private async perform(step: Step): Promise<StepOutcome> {
    switch (step.kind) {
      case 'task':
      case 'gate':
        return this.invoke(step);
      case 'map':
        for (const item of this.items) await this.perItem(step.id, item);
        return { verdict: null };
      case 'wait':
        this.waits += 1;
        if (this.waits > WAITS_MAX)
          throw new Error('sync does not catch up', { cause: this.trial.sync().failures.at(-1) });
        return { verdict: null };
      case 'start':
        this.trial.sync();
        return { verdict: null };
      case 'stop':
      case 'end':
        return { verdict: null };
    }
  }

  private async invoke(step: Step & { kind: 'task' | 'gate' }): Promise<StepOutcome> {
    if (this.stopsWithin(step)) return this.innerSteps();
    const context = this.trial.context(this.world);
    const result = await (await stageFunction(step.function.name))(context, step.constants ?? {});
    if (step.kind === 'task') return { verdict: null };
    if (typeof result === 'string') return { verdict: result };
    const { verdict, items = [] } = result as { verdict: string; items?: readonly ChunkItem[] };
    this.items = items;
    return { verdict };
  }

  /** A test may stop between two inner steps of the cutover, where only a crash stops the function. */
  private stopsWithin(step: Step): boolean {
    const inner = stagesOfStep(this.trial.definition.shape, step.id);
    return step.id === 'cutover' && inner.includes(this.until) && this.until !== inner.at(-1);
  }

  private async innerSteps(): Promise<StepOutcome> {
    const context = this.trial.context(this.world);
    for (;;) {
      if (await this.isThere()) return { verdict: null };
      const verdict = await cutoverRound(context);
      if (verdict !== null) return { verdict };
    }
  }

  /** As in a Map, an item that fails does not stop its siblings; its progress is in the ledger. */
  private async perItem(id: string, item: ChunkItem): Promise<void> {
    if (id === 'copy') await this.trial.copy(item.chunk, this.world, item.table).catch(() => undefined);
    else await verifyItem(this.world, item).catch(() => undefined);
  }

  private async isThere(): Promise<boolean> {
    return isFinished(await this.trial.control.recordOrFail(this.trial.name), this.until);
  }
}

/** Waves until nothing is left to copy; as in a Map, a chunk's failure is found in the ledger. */
export async function copyAll(trial: TrialPorts, world: World): Promise<void> {
  for (;;) {
    const wave = await nextWave(trial.context(world), { purpose: 'copy' });
    if (wave.verdict === 'empty') return;
    for (const item of wave.items) await trial.copy(item.chunk, world, item.table).catch(() => undefined);
  }
}

export async function compareAll(trial: TrialPorts, world: World): Promise<void> {
  for (;;) {
    const wave = await nextWave(trial.context(world), { purpose: 'verify' });
    if (wave.verdict === 'empty') return;
    for (const item of wave.items) await verifyItem(world, item);
  }
}

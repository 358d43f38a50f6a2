/** What the state machines do with a trial: stages in order, waves until nothing is left, and for shape cdc the ways back. */
import { ERRORS } from '../../src/contract/errors';
import { STAGES, type Stage } from '../../src/core/ledger';
import { cancelFence } from '../../src/core/stages/cancel-fence';
import { startCapture, stopCapture } from '../../src/core/stages/capture';
import { catchUp } from '../../src/core/stages/catch-up';
import { flip, openTarget, seal } from '../../src/core/stages/cutover';
import { drain } from '../../src/core/stages/drain';
import { fenceSource } from '../../src/core/stages/fence-source';
import { judge } from '../../src/core/stages/judge';
import { nextWave } from '../../src/core/stages/next-wave';
import { plan } from '../../src/core/stages/plan';
import { preflight } from '../../src/core/stages/preflight';
import { prepare } from '../../src/core/stages/prepare';
import { verifyFenced } from '../../src/core/stages/verify-fenced';
import { verifyItem } from '../../src/core/stages/verify-item';
import type { World } from '../../src/core/stages/world';
import type { Trial } from './world';

const SINGLE = {
  preflight,
  prepare,
  'start-capture': startCapture,
  'fence-source': fenceSource,
  plan,
  drain,
  seal,
  flip,
  'open-target': openTarget,
  'stop-capture': stopCapture,
};

/** After these, the machine gives writes back and catches up again. */
const CANCELLED: ReadonlySet<string> = new Set([ERRORS.fenceExpired, ERRORS.transient]);
const BEHIND_FENCE: ReadonlySet<Stage> = new Set(['fence-source', 'drain', 'verify', 'seal']);

/** Each is twenty seconds; a test does not last longer. */
const WAITS_MAX = 2;

/** Runs the stages in order until this one is finished. */
export async function walkStages(trial: Trial, until: Stage, world: World): Promise<void> {
  const stages: readonly Stage[] = STAGES[trial.definition.shape];
  for (let index = 0; index <= stages.indexOf(until); index += 1) {
    const stage = stages[index]!;
    const back = await runStageOf(trial, stage, world);
    if (back !== null) index = stages.indexOf(back) - 1;
    if (stage === 'plan' && trial.definition.shape === 'cdc') trial.sync();
  }
}

/** Runs one stage; returns the stage to which the way leads back, or null. */
export async function runStageOf(trial: Trial, stage: Stage, world: World): Promise<Stage | null> {
  const context = trial.context(world);
  const live = trial.definition.shape === 'cdc';
  try {
    if (stage === 'backfill') await copyAll(trial, world);
    else if (stage === 'catch-up') await catchUpAll(trial, world);
    else if (stage === 'verify' && !live) await verifyAll(trial, world);
    else if (stage === 'verify') {
      if ((await verifyFenced(context)) === 'clean') return null;
      await cancelFence(context);
      return 'backfill';
    } else await SINGLE[stage](context);
    return null;
  } catch (error) {
    const cancelled = live && BEHIND_FENCE.has(stage) && error instanceof Error && CANCELLED.has(error.name);
    if (!cancelled) throw error;
    await cancelFence(trial.context(world));
    return 'catch-up';
  }
}

/** Waves until nothing is left to copy; as in a Map, a chunk's failure is found in the ledger. */
export async function copyAll(trial: Trial, world: World): Promise<void> {
  for (;;) {
    const wave = await nextWave(trial.context(world), 'copy');
    if (wave.empty) return;
    for (const item of wave.items) await trial.copy(item.chunk, world, item.table).catch(() => undefined);
  }
}

export async function verifyAll(trial: Trial, world: World): Promise<void> {
  for (;;) {
    await compareAll(trial, world);
    if ((await judge(trial.context(world))) === 'clean') return;
    await copyAll(trial, world);
  }
}

export async function compareAll(trial: Trial, world: World): Promise<void> {
  for (;;) {
    const wave = await nextWave(trial.context(world), 'verify');
    if (wave.empty) return;
    for (const item of wave.items) await verifyItem(world, item);
  }
}

async function catchUpAll(trial: Trial, world: World): Promise<void> {
  for (let waits = 0; waits < WAITS_MAX;) {
    await compareAll(trial, world);
    const verdict = await catchUp(trial.context(world));
    if (verdict === 'ready') return;
    if (verdict === 'wait') waits += 1;
  }
  throw new Error('sync does not catch up', { cause: trial.sync().failures.at(-1) });
}

/** Many rehearsals, each with faults that its seed draws, and what became of them. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { replayCommand, type Fault } from '../faults';
import { makeTemplate } from '../rehearse/template';
import { synthesize } from '../rehearse/synthesize';
import { ENVIRONMENT } from '../rehearse/open';
import { planOf, type Drawn, type SeedPlan } from './plan';
import { rehearseSeed, type SeedResult } from './rehearse-seed';

export { type SeedPlan } from './plan';

export interface ChaosOptions extends Drawn {
  readonly projectRoot: string;
  readonly seeds: number;
  readonly firstSeed: number;
  readonly rows: number;
  /** Rehearsals at the same time. */
  readonly atOnce: number;
}

export interface ChaosPorts {
  note(line: string): void;
  readonly interrupted: AbortSignal;
}

export interface InconsistentSeed extends SeedPlan {
  readonly doubts: readonly string[];
  /** The command that repeats the rehearsal. */
  readonly replay: string;
}

export interface ChaosReport {
  readonly command: 'chaos';
  readonly seeds: number;
  readonly consistent: number;
  /** Rows that were acknowledged or at the source, and are not in the target as they were. */
  readonly lost: number;
  /** Rows in the target that no writer wrote. */
  readonly doubled: number;
  /** Moments at which two parties might have written the same rows. */
  readonly two_writers: number;
  /** Seeds whose migration stopped as designed, and was aborted. */
  readonly stopped: number;
  /** Faults that were injected, by name. */
  readonly faults: Readonly<Partial<Record<Fault, number>>>;
  /** Looks of the observer. */
  readonly looks: number;
  readonly secondsPerSeed: number;
  readonly inconsistent: readonly InconsistentSeed[];
}

export async function chaos(options: ChaosOptions, ports: ChaosPorts): Promise<ChaosReport> {
  const template = mkdtempSync(join(tmpdir(), 'sluice-chaos-'));
  try {
    await makeTemplate(template);
    const { projectRoot } = options;
    const directory = join(template, 'cdk.out');
    await synthesize({ projectRoot, environment: ENVIRONMENT, directory, signal: ports.interrupted });
    return reportOf(await rehearseAll(options, template, ports), options);
  } finally {
    rmSync(template, { recursive: true, force: true });
  }
}

type Done = SeedResult & { readonly plan: SeedPlan };

async function rehearseAll(options: ChaosOptions, template: string, ports: ChaosPorts): Promise<Done[]> {
  const { seeds, firstSeed, atOnce, projectRoot, rows } = options;
  const plans = Array.from({ length: seeds }, (_, index) => planOf(firstSeed + index, options));
  const waiting = plans.values();
  const done: Done[] = [];
  const lane = async (): Promise<void> => {
    for (const plan of waiting) {
      ports.interrupted.throwIfAborted();
      const { interrupted } = ports;
      const result = await rehearseSeed(plan, { projectRoot, template, rows, interrupted });
      ports.interrupted.throwIfAborted();
      done.push({ ...result, plan });
      ports.note(lineOf({ ...result, plan }));
      for (const doubt of doubtsOf(result)) ports.note(`  ${doubt}`);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
  return done.sort((left, right) => left.plan.seed - right.plan.seed);
}

const doubtsOf = ({ result, said }: Pick<SeedResult, 'result' | 'said'>): readonly string[] =>
  result?.doubts ?? [`it came to no verdict: ${said}`];

function lineOf({ plan, result, seconds }: Done): string {
  const verdict = result === null ? 'NO VERDICT' : result.verdict === 'fail' ? 'INCONSISTENT' : 'consistent';
  const stopped = result !== null && result.stopped !== null ? ', stopped as designed' : '';
  return `seed ${plan.seed}, ${plan.migration}, ${plan.faults.join(' and ')}: ${verdict}${stopped}, ${result?.faults.length ?? 0} faults, ${seconds.toFixed(0)} s`;
}

function reportOf(all: readonly Done[], { rows }: ChaosOptions): ChaosReport {
  const sum = (of: (done: Done) => number): number => all.reduce((total, done) => total + of(done), 0);
  const faults: Partial<Record<Fault, number>> = {};
  for (const { result } of all)
    for (const { fault } of result?.faults ?? []) faults[fault] = (faults[fault] ?? 0) + 1;
  const inconsistent = all.filter(({ result }) => result?.verdict !== 'pass');
  return {
    command: 'chaos',
    seeds: all.length,
    consistent: all.length - inconsistent.length,
    lost: sum(({ result }) => (result?.live?.lost ?? 0) + wrong(result, ['missing', 'different'])),
    doubled: sum(({ result }) => (result?.live?.extra ?? 0) + wrong(result, ['extra'])),
    two_writers: sum(({ result }) => result?.observed?.breaches.filter(({ law }) => law === 1).length ?? 0),
    stopped: all.filter(({ result }) => result !== null && result.stopped !== null).length,
    faults,
    looks: sum(({ result }) => result?.observed?.looks ?? 0),
    secondsPerSeed: Math.round(sum(({ seconds }) => seconds) / Math.max(1, all.length)),
    inconsistent: inconsistent.map(({ plan, result, said }) => ({
      ...plan,
      doubts: doubtsOf({ result, said }),
      replay: replayCommand({ migration: plan.migration, rows, seed: plan.seed }, plan.faults),
    })),
  };
}

/** Of a migration that did not flip, the target is not the application's, and nothing in it is lost. */
const wrong = (
  result: SeedResult['result'],
  kinds: readonly ('missing' | 'extra' | 'different')[],
): number =>
  result === null || !result.flipped
    ? 0
    : result.tables.reduce((total, table) => total + kinds.reduce((of, kind) => of + table[kind], 0), 0);

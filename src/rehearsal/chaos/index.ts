/** Runs many rehearsals, each with faults that its seed selects, and reports their verdicts. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { replayCommand, type Fault } from '../faults';
import { createTemplate } from '../rehearse/template';
import { synthesize } from '../rehearse/synthesize';
import { ENVIRONMENT } from '../rehearse/open';
import { inLanes } from './lanes';
import { planOf, type SeedChoices, type SeedPlan } from './plan';
import { rehearseSeed, type SeedResult } from './rehearse-seed';

export { type SeedPlan } from './plan';

export interface ChaosOptions extends SeedChoices {
  readonly projectRoot: string;
  readonly seeds: number;
  readonly firstSeed: number;
  readonly rows: number;
  /** Number of concurrent rehearsals. */
  readonly atOnce: number;
}

export interface ChaosPorts {
  note(line: string): void;
  readonly interrupted: AbortSignal;
}

export interface InconsistentSeed extends SeedPlan {
  readonly doubts: readonly string[];
  /** The command that repeats this seed. */
  readonly replay: string;
}

export interface ChaosReport {
  readonly command: 'chaos';
  readonly seeds: number;
  readonly consistent: number;
  /** Rows at the source, or acknowledged by a database, that are missing or different in the target. */
  readonly lost: number;
  /** Rows of the target that no application wrote. */
  readonly doubled: number;
  /** Observations at which two parties could have written the same rows. */
  readonly two_writers: number;
  /** Seeds whose migration stopped as designed and was aborted. */
  readonly stopped: number;
  /** Number of injected faults, by name. */
  readonly faults: Readonly<Partial<Record<Fault, number>>>;
  /** Number of the observer's observations. */
  readonly observations: number;
  readonly secondsPerSeed: number;
  readonly inconsistent: readonly InconsistentSeed[];
}

export async function chaos(options: ChaosOptions, ports: ChaosPorts): Promise<ChaosReport> {
  const template = mkdtempSync(join(tmpdir(), 'sluice-chaos-'));
  try {
    await createTemplate(template);
    const { projectRoot } = options;
    const directory = join(template, 'cdk.out');
    await synthesize({ projectRoot, environment: ENVIRONMENT, directory, signal: ports.interrupted });
    return reportOf(await rehearseAll(options, template, ports), options);
  } finally {
    rmSync(template, { recursive: true, force: true });
  }
}

type FinishedSeed = SeedResult & { readonly plan: SeedPlan };

async function rehearseAll(
  options: ChaosOptions,
  template: string,
  ports: ChaosPorts,
): Promise<FinishedSeed[]> {
  const { seeds, firstSeed, atOnce, projectRoot, rows } = options;
  const plans = Array.from({ length: seeds }, (_, index) => planOf(firstSeed + index, options));
  return inLanes(plans, atOnce, async (plan) => {
    ports.interrupted.throwIfAborted();
    const { interrupted } = ports;
    const result = await rehearseSeed(plan, { projectRoot, template, rows, interrupted });
    ports.interrupted.throwIfAborted();
    ports.note(lineOf({ ...result, plan }));
    for (const doubt of doubtsOf(result)) ports.note(`  ${doubt}`);
    return { ...result, plan };
  });
}

const doubtsOf = ({ result, output }: Pick<SeedResult, 'result' | 'output'>): readonly string[] =>
  result?.doubts ?? [`the rehearsal ended without a verdict: ${output}`];

function lineOf({ plan, result, seconds }: FinishedSeed): string {
  const verdict = result === null ? 'NO VERDICT' : result.verdict === 'fail' ? 'INCONSISTENT' : 'consistent';
  const stopped = result !== null && result.stopped !== null ? ', stopped as designed' : '';
  return `seed ${plan.seed}, ${plan.migration}, ${plan.faults.join(' and ')}: ${verdict}${stopped}, ${result?.faults.length ?? 0} faults, ${seconds.toFixed(0)} s`;
}

function reportOf(all: readonly FinishedSeed[], { rows }: ChaosOptions): ChaosReport {
  const sum = (of: (done: FinishedSeed) => number): number =>
    all.reduce((total, done) => total + of(done), 0);
  const faults: Partial<Record<Fault, number>> = {};
  for (const { result } of all)
    for (const { fault } of result?.faults ?? []) faults[fault] = (faults[fault] ?? 0) + 1;
  const inconsistent = all.filter(({ result }) => result?.verdict !== 'pass');
  return {
    command: 'chaos',
    seeds: all.length,
    consistent: all.length - inconsistent.length,
    lost: sum(({ result }) => (result?.live?.lost ?? 0) + countWrongRows(result, ['missing', 'different'])),
    doubled: sum(({ result }) => (result?.live?.extra ?? 0) + countWrongRows(result, ['extra'])),
    two_writers: sum(({ result }) => result?.observed?.breaches.filter(({ law }) => law === 1).length ?? 0),
    stopped: all.filter(({ result }) => result !== null && result.stopped !== null).length,
    faults,
    observations: sum(({ result }) => result?.observed?.observations ?? 0),
    secondsPerSeed: Math.round(sum(({ seconds }) => seconds) / Math.max(1, all.length)),
    inconsistent: inconsistent.map(({ plan, result, output }) => ({
      ...plan,
      doubts: doubtsOf({ result, output }),
      replay: replayCommand({ migration: plan.migration, rows, seed: plan.seed }, plan.faults),
    })),
  };
}

/** Counts wrong rows of the target after the flip. Before, the application does not use the target. */
const countWrongRows = (
  result: SeedResult['result'],
  kinds: readonly ('missing' | 'extra' | 'different')[],
): number =>
  result === null || !result.flipped
    ? 0
    : result.tables.reduce((total, table) => total + kinds.reduce((of, kind) => of + table[kind], 0), 0);

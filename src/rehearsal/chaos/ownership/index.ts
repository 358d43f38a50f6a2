/** Runs seeds of `--only ownership`: migrations that other deployments, late calls and restored ledgers attack. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ENVIRONMENT, type Ports } from '../../rehearse';
import { assemblyOf, createTemplate } from '../../rehearse/template';
import { synthesize } from '../../rehearse/synthesize';
import { inLanes } from '../lanes';
import { foreignEnvironmentOf } from './foreign-environment';
import { ownershipPlanOf } from './plan';
import { rehearseOwnershipSeed, type OwnershipSeed } from './rehearse-seed';
import { ownershipReport, type OwnershipReport } from './report';

export { ATTACKS } from './attack';
export { ownershipText, type OwnershipReport } from './report';

export interface OwnershipOptions {
  readonly projectRoot: string;
  readonly seeds: number;
  readonly firstSeed: number;
  readonly rows: number;
  /** Number of concurrent rehearsals. */
  readonly atOnce: number;
  /** Names of the migrations, used in turn. */
  readonly migrations: readonly string[];
}

/** Lines of a rehearsal that are shown if its seed fails. */
const LINES_SHOWN = 40;

/** @throws RehearsalRefused if no other environment of the migrations has the same endpoints */
export async function ownershipChaos(options: OwnershipOptions, ports: Ports): Promise<OwnershipReport> {
  const { projectRoot, seeds, firstSeed, rows, atOnce } = options;
  const migrations = options.migrations.map((name) => ports.loadMigration(name));
  const foreignEnvironment = foreignEnvironmentOf(migrations);
  const plans = Array.from({ length: seeds }, (_, index) =>
    ownershipPlanOf(firstSeed + index, { migrations }),
  );
  const template = mkdtempSync(join(tmpdir(), 'sluice-chaos-'));
  try {
    await createTemplate(template);
    const assemblies = {
      own: assemblyOf(template),
      foreign: join(template, 'foreign.out'),
      foreignEnvironment,
    };
    const signal = ports.interrupted;
    await synthesize({ projectRoot, environment: ENVIRONMENT, directory: assemblies.own, signal });
    await synthesize({ projectRoot, environment: foreignEnvironment, directory: assemblies.foreign, signal });
    const done = await inLanes(plans, atOnce, async (plan) => {
      ports.interrupted.throwIfAborted();
      const lines: string[] = [];
      const quiet = { ...ports, note: (line: string) => void lines.push(line) };
      const seed = await rehearseOwnershipSeed(plan, { projectRoot, template, rows, assemblies }, quiet);
      reportSeed(seed, lines, ports);
      return seed;
    });
    return ownershipReport(done, { rows, foreignEnvironment });
  } finally {
    rmSync(template, { recursive: true, force: true });
  }
}

function reportSeed(seed: OwnershipSeed, lines: readonly string[], ports: Ports): void {
  const attacks = seed.attacks.map(
    ({ kind, generation, moment, outcomes }) =>
      `${kind} (generation ${generation}, ${moment}: ${outcomes.map(({ error }) => error).join(', ')})`,
  );
  ports.note(
    `seed ${seed.seed}, ${seed.migration}, ${attacks.join(' and ') || 'no attack'}: ${seed.verdict}, ${seed.seconds.toFixed(0)} s`,
  );
  if (seed.verdict === 'untouched') return;
  for (const doubt of seed.doubts) ports.note(`  ${doubt}`);
  for (const line of lines.slice(-LINES_SHOWN)) ports.note(`  | ${line}`);
}

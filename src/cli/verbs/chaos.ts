import { traitsOf } from '../../contract/lifecycle';
import { cpus } from 'node:os';
import { chaos as run, type ChaosReport } from '../../rehearsal/chaos';
import { ATTACKS, ownershipChaos, ownershipText } from '../../rehearsal/chaos/ownership';
import { FAULTS } from '../../rehearsal/faults';
import { loadMigration, PROJECT_ROOT } from '../definitions';
import { FAULT_FLAGS, MIGRATION_POSITIONAL, portsOf, readFaults, readMigration } from '../rehearsal-flags';
import type { Arguments } from '../arguments';
import { EXIT, type ExitCode, type Terminal } from '../terminal';
import type { Verb } from '../verb';

const SEEDS = 20;
const SEEDS_MAX = 100_000;
const ROWS = 300;
/** One migration of each shape. */
const MIGRATIONS = ['orders', 'orders-live'];
/** A rehearsal keeps more than one core busy, and the pauses of a cutover are real time. */
const AT_ONCE = Math.max(1, Math.floor(cpus().length / 2));

/** Named groups of seeds. */
const GROUPS = ['ownership'];

export const chaos: Verb = {
  name: 'chaos',
  isNpmScript: true,
  summary: 'Rehearses many seeds, each with its own faults, and counts the inconsistent ones.',
  positionals: [MIGRATION_POSITIONAL],
  flags: {
    seeds: { value: 'N', description: `number of seeds (default: ${SEEDS})` },
    'first-seed': { value: 'N', description: 'the first seed (default: 1)' },
    migration: {
      value: 'NAME',
      description: `only this migration (default: ${MIGRATIONS.join(' and ')} alternately)`,
    },
    rows: { value: 'N', description: `size of each source (default: ${ROWS})` },
    only: {
      value: 'GROUP',
      description: `${GROUPS.join(', ')}: in place of faults, calls of other deployments and late calls (${ATTACKS.join(', ')})`,
    },
    faults: {
      ...FAULT_FLAGS['faults']!,
      description: 'faults to draw from, one or two per seed (default: all of them)',
    },
    'at-once': { value: 'N', description: `concurrent rehearsals (default: ${AT_ONCE})` },
    json: { description: 'print the report as one JSON object, on the last line' },
  },
  details: [
    'Each seed is a small rehearsal in its own process. The seed determines one or two faults. For a seed that is not consistent, the report has the command that repeats it.',
  ],
  async run(given, terminal) {
    const migration = readMigration(given);
    const faults = readFaults(given);
    const group = given.text('only');
    if (group !== undefined && !GROUPS.includes(group))
      given.refuse(`--only is ${JSON.stringify(group)}; give ${GROUPS.join(' or ')}`);
    if (group !== undefined && faults.length > 0)
      given.refuse(
        '--faults is given with --only; the seeds of a group inject no faults, so leave one of them out',
      );
    const names = migration === undefined ? MIGRATIONS : [migration];
    const options = {
      projectRoot: PROJECT_ROOT,
      seeds: given.wholeNumber('seeds', 1, SEEDS_MAX) ?? SEEDS,
      firstSeed: given.wholeNumber('first-seed', 0, 1_000_000_000) ?? 1,
      rows: given.wholeNumber('rows', 1, 1_000_000) ?? ROWS,
      atOnce: given.wholeNumber('at-once', 1, 64) ?? AT_ONCE,
      faults: faults.length === 0 ? FAULTS : faults,
    };
    given.check();
    if (group !== undefined) return runOwnership({ ...options, migrations: names }, given, terminal);
    const migrations = names.map((name) => ({
      name,
      canBeStopped: traitsOf(loadMigration(name).shape).capturesChanges,
    }));
    const report = await run(
      { ...options, migrations },
      { note: (line) => terminal.err(line), interrupted: terminal.interrupted },
    );
    terminal.out(given.has('json') ? JSON.stringify(report) : textOf(report));
    return report.consistent === report.seeds ? EXIT.ok : EXIT.failed;
  },
};

async function runOwnership(
  options: Parameters<typeof ownershipChaos>[0],
  given: Arguments,
  terminal: Terminal,
): Promise<ExitCode> {
  const report = await ownershipChaos(options, portsOf(terminal));
  terminal.out(given.has('json') ? JSON.stringify(report) : ownershipText(report));
  return report.untouched === report.seeds ? EXIT.ok : EXIT.failed;
}

function textOf(report: ChaosReport): string {
  const faults = Object.entries(report.faults).map(([name, times]) => `${name} ${times}`);
  return [
    `seeds: ${report.seeds}, consistent: ${report.consistent} (stopped as designed: ${report.stopped})`,
    `rows lost: ${report.lost}, rows duplicated: ${report.doubled}, observations of two writers: ${report.two_writers}`,
    `faults: ${faults.join(', ') || 'none'}; observations: ${report.observations}; ${report.secondsPerSeed} s per seed`,
    ...report.inconsistent.flatMap(({ seed, doubts, replay }) => [
      `seed ${seed} is not consistent:`,
      ...doubts.map((doubt) => `- ${doubt}`),
      `  to repeat it: ${replay}`,
    ]),
  ].join('\n');
}

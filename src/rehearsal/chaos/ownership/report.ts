import type { AttackKind } from './attack';
import { isRefused } from './attack';
import type { OwnershipSeed } from './rehearse-seed';

export interface OwnershipReport {
  readonly command: 'chaos';
  readonly only: 'ownership';
  readonly seeds: number;
  /** Seeds whose owning generation was not affected by any attack. */
  readonly untouched: number;
  /** Number of attacks, by kind. */
  readonly attacks: Readonly<Partial<Record<AttackKind, number>>>;
  /** Number of refused or ignored calls, by error. */
  readonly refusals: Readonly<Record<string, number>>;
  /** The environment that attacks. */
  readonly foreignEnvironment: string;
  /** Number of the observer's observations. */
  readonly observations: number;
  readonly secondsPerSeed: number;
  readonly rehearsed: readonly (OwnershipSeed & {
    /** The command that repeats this seed. */
    readonly replay: string;
  })[];
}

interface ReportContext {
  readonly rows: number;
  readonly foreignEnvironment: string;
}

export function ownershipReport(
  seeds: readonly OwnershipSeed[],
  { rows, foreignEnvironment }: ReportContext,
): OwnershipReport {
  const attacks = seeds.flatMap((seed) => seed.attacks);
  const sum = (of: (seed: OwnershipSeed) => number): number =>
    seeds.reduce((total, seed) => total + of(seed), 0);
  return {
    ...{ command: 'chaos', only: 'ownership', seeds: seeds.length, foreignEnvironment },
    untouched: seeds.filter(({ verdict }) => verdict === 'untouched').length,
    attacks: countBy(attacks.map(({ kind }) => kind)),
    refusals: countBy(
      attacks.flatMap(({ outcomes }) => outcomes.filter(isRefused).map(({ error }) => error)),
    ),
    observations: sum(({ observations }) => observations),
    secondsPerSeed: Math.round(sum(({ seconds }) => seconds) / Math.max(1, seeds.length)),
    rehearsed: seeds.map((seed) => ({ ...seed, replay: replayOf(seed, rows) })),
  };
}

const replayOf = ({ seed, migration }: OwnershipSeed, rows: number): string =>
  `npm run chaos -- --only ownership --seeds 1 --first-seed ${seed} --rows ${rows} # ${migration}`;

function countBy<Name extends string>(names: readonly Name[]): Record<Name, number> {
  const counts: Partial<Record<Name, number>> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts as Record<Name, number>;
}

/** Formats the report for people. */
export function ownershipText(report: OwnershipReport): string {
  const textOf = (counts: Readonly<Record<string, number>>): string =>
    Object.entries(counts)
      .map(([name, times]) => `${name} ${times}`)
      .join(', ') || 'none';
  return [
    `seeds: ${report.seeds}, untouched: ${report.untouched}`,
    `attacks: ${textOf(report.attacks)}`,
    `refusals: ${textOf(report.refusals)}; observations: ${report.observations}; ${report.secondsPerSeed} s per seed`,
    ...report.rehearsed.flatMap(({ seed, migration, attacks, verdict, doubts, replay }) => [
      `seed ${seed}, ${migration}: ${verdict}`,
      ...attacks.flatMap(({ kind, generation, moment, outcomes }) => [
        `- ${kind}, generation ${generation}, ${moment}`,
        ...outcomes.map(({ call, error, sentence }) => `    ${call}: ${error}: ${sentence}`),
      ]),
      ...doubts.map((doubt) => `- doubt: ${doubt}`),
      ...(doubts.length === 0 ? [] : [`  to repeat it: ${replay}`]),
    ]),
  ].join('\n');
}

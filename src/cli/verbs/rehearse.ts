import { join } from 'node:path';
import { accessText, rehearse as run, type RehearsalResult } from '../../rehearsal/rehearse';
import { duration, grouped } from '../../rehearsal/screen/progress';
import { liveText } from '../../rehearsal/verdict/live';
import { verdictText } from '../../rehearsal/verdict/text';
import {
  FAULT_FLAGS,
  LIMIT_FLAGS,
  MIGRATION_POSITIONAL,
  PLAN_DETAILS,
  PLAN_FLAGS,
  portsOf,
  readFaults,
  readPlan,
  readRowLimit,
  readState,
  readTemplate,
  TEMPLATE_FLAGS,
} from '../rehearsal-flags';
import { EXIT } from '../terminal';
import type { Verb } from '../verb';

export const rehearse: Verb = {
  name: 'rehearse',
  isNpmScript: true,
  summary: 'Moves rows between two PostgreSQL servers on this machine and proves that they arrived.',
  positionals: [MIGRATION_POSITIONAL],
  flags: {
    ...PLAN_FLAGS,
    ...FAULT_FLAGS,
    ...LIMIT_FLAGS,
    ...TEMPLATE_FLAGS,
    resume: { description: 'continue the rehearsal in --state, e.g. after it was killed' },
    keep: { description: 'keep the temporary directory' },
    json: { description: 'print the result as one JSON object, on the last line' },
  },
  details: [
    'During a migration of shape cdc, migrations/<name>/workload.ts writes to the tables: every acknowledged write must be in the target at the end.',
    'Runs the synthesized state machines and functions of environment dev against two PostgreSQL servers. Progress goes to stderr, the verdict to stdout.',
    ...PLAN_DETAILS,
  ],
  async run(given, terminal) {
    const plan = readPlan(given);
    const faults = readFaults(given);
    const options = {
      ...readState(given),
      ...readRowLimit(given),
      ...readTemplate(given),
      plan,
      faults,
      resume: given.has('resume'),
      keep: given.has('keep'),
    };
    if (options.resume && options.statePath === undefined)
      given.refuse('--resume needs --state; name the directory of the rehearsal');
    given.check();
    const { columns, draw } = terminal;
    const screen = {
      columns,
      line: (text: string) => terminal.err(text),
      ...(draw === undefined ? {} : { draw }),
    };
    const result = await run(options, screen, portsOf(terminal));
    terminal.out(
      given.has('json')
        ? JSON.stringify(result)
        : verdictText(result.tables, result.doubts, notesOf(result, options.statePath), passOf(result)),
    );
    return result.verdict === 'pass' ? EXIT.ok : EXIT.failed;
  },
};

const passOf = ({ stopped }: RehearsalResult): string =>
  stopped === null
    ? 'every row arrived, and the target takes writes.'
    : 'the migration stopped as designed, and its abort left the source unchanged and in use.';

const notesOf = (result: RehearsalResult, statePath: string | undefined): string[] => [
  ...stageNotes(result),
  ...(result.rowsPerSecond === null ? [] : [`${grouped(result.rowsPerSecond)} rows/s during the backfill`]),
  `estimated cost on AWS, without the databases: $${result.modelledCostUsd.toFixed(2)} (${grouped(result.stateTransitions)} state transitions, ${grouped(result.dataApiCalls)} Data API calls, ${grouped(result.dynamodbWrites)} DynamoDB write units, ${grouped(result.lambdaGbSeconds)} GB-s of Lambda)`,
  ...(result.live === null ? [] : liveText(result.live)),
  ...faultNotes(result),
  ...result.notices.map((notice) => `to know: ${notice}`),
  accessText(result.access, statePath === undefined ? '--json' : join(statePath, 'access.json')),
  '',
];

/** Omitted if the migration was already done, so that this rehearsal ran no stage. */
function stageNotes({ secondsPerStage }: RehearsalResult): string[] {
  const stages = Object.entries(secondsPerStage).map(
    ([stage, seconds]) => `${stage} ${seconds < 1 ? '<1 s' : duration(seconds)}`,
  );
  return stages.length === 0 ? [] : [`time per stage: ${stages.join(', ')}`];
}

function faultNotes({ faults, replay, verdict, observed, stopped }: RehearsalResult): string[] {
  if (replay === null) return [];
  const counts = new Map<string, number>();
  for (const { fault } of faults) counts.set(fault, (counts.get(fault) ?? 0) + 1);
  const byName = [...counts].map(([name, count]) => `${name} ${count}`).join(', ');
  return [
    `faults injected: ${faults.length}${byName === '' ? '' : ` (${byName})`}`,
    `observations: ${grouped(observed?.observations ?? 0)}, breaches of laws: ${grouped(observed?.breaches.length ?? 0)}`,
    ...(stopped === null ? [] : [`stopped as designed, then aborted: ${stopped}`]),
    ...(verdict === 'pass' ? [] : [`to repeat the faults: ${replay}`]),
  ];
}

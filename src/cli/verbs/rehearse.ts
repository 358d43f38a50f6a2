import { rehearse as run, type RehearsalResult } from '../../rehearsal/rehearse';
import { duration, grouped } from '../../rehearsal/screen/progress';
import { verdictText } from '../../rehearsal/verdict/text';
import { PLAN_DETAILS, PLAN_FLAGS, portsOf, readPlan, readState } from '../rehearsal-flags';
import { EXIT } from '../terminal';
import type { Verb } from '../verb';

export const rehearse: Verb = {
  name: 'rehearse',
  summary: 'Moves real rows between real servers on this machine, and proves that they arrived.',
  positionals: [],
  flags: {
    ...PLAN_FLAGS,
    resume: { description: 'go on with what --state holds, e.g. after the rehearsal was killed' },
    keep: { description: 'keep the temporary directory' },
    json: { description: 'print the result as one JSON object, the last line' },
  },
  details: [
    'Runs the synthesized state machines and functions of environment dev against two PostgreSQL servers. Progress goes to stderr, the verdict to stdout.',
    ...PLAN_DETAILS,
  ],
  async run(given, terminal) {
    const plan = readPlan(given);
    const options = { ...readState(given), plan, resume: given.has('resume'), keep: given.has('keep') };
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
      given.has('json') ? JSON.stringify(result) : verdictText(result.tables, result.doubts, notesOf(result)),
    );
    return result.verdict === 'pass' ? EXIT.ok : EXIT.failed;
  },
};

const notesOf = (result: RehearsalResult): string[] => [
  `stages: ${Object.entries(result.secondsPerStage)
    .map(([stage, seconds]) => `${stage} ${seconds < 1 ? '<1 s' : duration(seconds)}`)
    .join(', ')}`,
  ...(result.rowsPerSecond === null ? [] : [`${grouped(result.rowsPerSecond)} rows/s during the backfill`]),
  `${grouped(result.stateTransitions)} state transitions, ${grouped(result.dataApiCalls)} Data API calls, ${grouped(result.dynamodbWrites)} DynamoDB write units, ${grouped(result.lambdaGbSeconds)} GB-s: about $${result.modelledCostUsd.toFixed(2)} at AWS, databases aside`,
  '',
];

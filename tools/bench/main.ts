/** `npm run bench -- <subject>`: measures on this machine. `--help` lists the subjects and flags. */
import '../../src/cli/quiet-sdk';
import { parseArgs } from 'node:util';
import { runTool, UsageError } from '../command-line';
import { bench, SYNC_DEFAULTS } from '.';

const SUBJECTS = ['copy', 'sync', 'guard', 'engine'] as const;
type Subject = (typeof SUBJECTS)[number];

const HELP = `npm run bench -- <subject> [flags]

Subjects:
  copy    how fast rows move, compared with other methods
  sync    what capture adds to the application's latencies, how fast appliers keep up, and how far the target lags
  guard   how long it takes to close and open tables, what writers notice, and whether a write passes a closed guard
  engine  the cost of a state transition and of a warm invocation in the local engine

Flags:
  --quick      take minutes instead of a long time, with coarser figures
  --seconds N  sync: length of the burst, 6 to 3600; other phases scale with it (default: ${SYNC_DEFAULTS.seconds})
  --scale N    sync: pgbench scale, 100,000 accounts each, 1 to 1000 (default: ${SYNC_DEFAULTS.scale})
  --json       print the report as one JSON object, on the last line
  --help       show this help`;

const isSubject = (word: string): word is Subject => (SUBJECTS as readonly string[]).includes(word);

/** @throws UsageError with every problem of the command line */
function readCommandLine(): Parameters<typeof bench>[0] {
  const { values, positionals } = parsed();
  const problems: string[] = [];
  const [subject = '', ...rest] = positionals;
  if (!isSubject(subject))
    problems.push(`the subject is ${JSON.stringify(subject)}; use one of ${SUBJECTS.join(', ')}`);
  if (rest.length > 0) problems.push(`unexpected ${JSON.stringify(rest.join(' '))}; give one subject`);
  const seconds = wholeNumber('seconds', values.seconds, 6, 3_600, problems);
  const scale = wholeNumber('scale', values.scale, 1, 1_000, problems);
  if (isSubject(subject) && subject !== 'sync' && (seconds !== undefined || scale !== undefined))
    problems.push('--seconds and --scale apply to sync only; leave them out');
  if (problems.length > 0 || !isSubject(subject)) throw new UsageError(problems.join('\n'));
  return {
    ...{ what: subject, quick: values.quick, json: values.json },
    ...(seconds === undefined ? {} : { seconds }),
    ...(scale === undefined ? {} : { scale }),
  };
}

function parsed() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        quick: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
        seconds: { type: 'string' },
        scale: { type: 'string' },
      },
    });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function wholeNumber(
  name: string,
  text: string | undefined,
  min: number,
  max: number,
  problems: string[],
): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= min && value <= max) return value;
  problems.push(`--${name} is ${JSON.stringify(text)}; give a whole number from ${min} to ${max}`);
  return undefined;
}

void runTool({
  name: 'bench',
  help: HELP,
  helpDoes: 'lists the subjects and flags',
  run: async () => {
    await bench(readCommandLine());
    return true;
  },
});

import { createRequire } from 'node:module';
import type * as Bench from '../../bench';
import { EXIT } from '../terminal';
import type { Verb } from '../verb';

const WHAT = ['copy', 'sync', 'engine'] as const;
const isKnown = (what: string): what is (typeof WHAT)[number] => (WHAT as readonly string[]).includes(what);

export const bench: Verb = {
  name: 'bench',
  summary:
    'Measures on this machine how fast rows move, what live moves cost the application, and what the engine costs.',
  positionals: [{ name: 'what', description: `what to measure: ${WHAT.join(', ')}` }],
  flags: {
    quick: { description: 'less of everything: minutes instead of a long time, and coarser figures' },
    seconds: { value: 'N', description: 'sync: length of the burst; the other parts follow (default: 60)' },
    scale: { value: 'N', description: "sync: pgbench's, 100,000 accounts each (default: 5)" },
    json: { description: 'print the report as one JSON object, the last line' },
  },
  details: [
    'copy: how fast rows move, beside other ways to move them.',
    "sync: what capture adds to the application's latencies, how fast appliers are beside its changes, and how close the target stays to it. Runs the deployed Sync against pgbench's tables.",
    'engine: what a state transition and a warm call of a function cost in the local engine.',
  ],
  async run(given, terminal) {
    const what = given.positional('what');
    const [seconds, scale] = [given.wholeNumber('seconds', 6, 3_600), given.wholeNumber('scale', 1, 1_000)];
    if (!isKnown(what)) {
      if (what !== '') given.refuse(`<what> is ${JSON.stringify(what)}; ${WHAT.join(', ')} can be measured`);
    } else if (what !== 'sync' && (seconds !== undefined || scale !== undefined))
      given.refuse('--seconds and --scale are for sync; leave them out');
    given.check();
    if (!isKnown(what)) return EXIT.usage;
    // A measurement that is interrupted is worth nothing; its servers end with this process.
    terminal.interrupted.addEventListener('abort', () => process.exit(EXIT.interrupted));
    // Loaded only where it is needed, and by every way to run TypeScript.
    const { bench: measure } = createRequire(__filename)('../../bench') as typeof Bench;
    await measure({
      ...{ what, quick: given.has('quick'), json: given.has('json') },
      ...(seconds === undefined ? {} : { seconds }),
      ...(scale === undefined ? {} : { scale }),
    });
    return EXIT.ok;
  },
};

import { EXIT } from '../terminal';
import type { Verb } from '../verb';

export const bench: Verb = {
  name: 'bench',
  summary: 'Measures on this machine how fast rows move, and compares with other ways to move them.',
  positionals: [{ name: 'what', description: 'what to measure: copy' }],
  flags: {
    quick: { description: 'fewer rows: minutes instead of a long time, and coarser figures' },
    json: { description: 'print the report as one JSON object, the last line' },
  },
  async run(given, terminal) {
    const what = given.positional('what');
    if (what !== '' && what !== 'copy')
      given.refuse(`<what> is ${JSON.stringify(what)}; copy is all that can be measured`);
    given.check();
    // A measurement that is interrupted is worth nothing; its servers end with this process.
    terminal.interrupted.addEventListener('abort', () => process.exit(EXIT.interrupted));
    const { bench: measure } = await import('../../bench');
    await measure({ what: 'copy', quick: given.has('quick'), json: given.has('json') });
    return EXIT.ok;
  },
};

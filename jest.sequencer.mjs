/** Orders test files: a long one that starts last would leave every other worker idle. */
import Sequencer from '@jest/test-sequencer';

/** Those that rehearse in processes of their own take minutes; then those that start databases. */
const LONG = [
  '/rehearsal/resume/',
  '/rehearsal/workload/live',
  '/rehearsal/rehearse/',
  '/rehearsal/iam/rehearsals',
];

const rank = ({ path }) => {
  const long = LONG.findIndex((part) => path.includes(part));
  if (path.endsWith('.whole.test.ts') && long !== -1) return long;
  return path.endsWith('.whole.test.ts') ? LONG.length : LONG.length + 1;
};

export default class LongestFirst extends Sequencer {
  async sort(tests) {
    // Within a rank: what took longest in the last run here, or the largest file.
    const sorted = await super.sort(tests);
    return [...sorted].sort((left, right) => rank(left) - rank(right));
  }
}

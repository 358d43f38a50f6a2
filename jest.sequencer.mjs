/**
 * Orders test files. A slow file that starts last would leave the other worker idle; two rehearsals at once would slow each
 * other down, and a cutover must finish within seconds.
 */
import Sequencer from '@jest/test-sequencer';

/** Files that run rehearsals in processes of their own, which keep both processors busy; the slowest first. */
const REHEARSALS = [
  '/rehearsal/rehearse/rehearse.',
  '/rehearsal/rehearse/killed.',
  '/rehearsal/workload/live.',
  '/rehearsal/workload/live-kills.',
  '/rehearsal/resume/',
  '/rehearsal/access/',
  '/rehearsal/chaos/',
  '/cli/local',
];

const placeOf = ({ path }) => REHEARSALS.findIndex((part) => path.includes(part));
const isSlow = ({ path }) => /\.(whole|long)\.test\.ts$/.test(path);

export default class Spread extends Sequencer {
  async sort(tests) {
    // The slowest file of the last run comes first; without a last run, the largest file.
    const sorted = [...(await super.sort(tests))];
    const rehearsals = sorted
      .filter((test) => isSlow(test) && placeOf(test) !== -1)
      .sort((left, right) => placeOf(left) - placeOf(right));
    const others = sorted
      .filter((test) => !rehearsals.includes(test))
      .sort((left, right) => Number(isSlow(right)) - Number(isSlow(left)));
    const between = Math.ceil(others.length / (rehearsals.length + 1));
    return rehearsals
      .flatMap((test, index) => [test, ...others.slice(index * between, (index + 1) * between)])
      .concat(others.slice(rehearsals.length * between));
  }
}

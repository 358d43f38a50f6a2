/**
 * Orders test files. A long one that starts last would leave the other worker idle; two rehearsals at once would leave
 * neither the machine that a cutover within seconds needs.
 */
import Sequencer from '@jest/test-sequencer';

/** Rehearsals in processes of their own, which keep both processors busy for minutes; the longest first. */
const REHEARSALS = [
  '/rehearsal/resume/',
  '/rehearsal/rehearse/rehearse.',
  '/rehearsal/workload/live.',
  '/rehearsal/iam/rehearsals.',
  '/rehearsal/workload/live-kills.',
  '/rehearsal/chaos/',
  '/cli/local',
];

const placeOf = ({ path }) => REHEARSALS.findIndex((part) => path.includes(part));
const isWhole = ({ path }) => path.endsWith('.whole.test.ts');

export default class Spread extends Sequencer {
  async sort(tests) {
    // What took longest in the last run here, or the largest file, comes first.
    const sorted = [...(await super.sort(tests))];
    const rehearsals = sorted
      .filter((test) => isWhole(test) && placeOf(test) !== -1)
      .sort((left, right) => placeOf(left) - placeOf(right));
    const others = sorted
      .filter((test) => !rehearsals.includes(test))
      .sort((left, right) => Number(isWhole(right)) - Number(isWhole(left)));
    const between = Math.ceil(others.length / (rehearsals.length + 1));
    return rehearsals
      .flatMap((test, index) => [test, ...others.slice(index * between, (index + 1) * between)])
      .concat(others.slice(rehearsals.length * between));
  }
}

/** Each seed attacks a running migration: fifty of them meet every kind of attack at least three times. */
import { ATTACKS } from '../../../src/rehearsal/chaos/ownership';
import { seedsOf } from '../../support/seeds';
import { runOwnership } from './run-ownership';

const MINUTES = 60_000;
/** Seeds from which on every kind of attack occurs. */
const EVERY_KIND = 16;
const SEEDS = seedsOf('1-50');

test(
  'every seed leaves the owning generation untouched',
  async () => {
    const { code, err, report } = await runOwnership(
      ...['--first-seed', `${SEEDS[0]}`, '--seeds', `${SEEDS.length}`],
      ...['--rows', '150'],
    );
    expect({ code, err, report }).toMatchObject({
      code: 0,
      report: { seeds: SEEDS.length, untouched: SEEDS.length },
    });
    if (SEEDS.length >= EVERY_KIND) expect(Object.keys(report.attacks).sort()).toEqual([...ATTACKS].sort());
  },
  300 * MINUTES,
);

/** One seed: another environment starts and aborts the migration, and is refused with the name of the guard's owner. */
import { runOwnership } from './run-ownership';

const MINUTES = 60_000;
/** Shape offline; the other environment starts and aborts the migration once it has guards. */
const SEED = '9';

test(
  'a migration that another environment starts and aborts is untouched',
  async () => {
    const { code, err, report } = await runOwnership('--seeds', '1', '--first-seed', SEED, '--rows', '150');
    expect({ code, err, report }).toMatchObject({
      code: 0,
      report: { seeds: 1, untouched: 1, attacks: { 'foreign-start-and-abort': 1 } },
    });
    const [seed] = report.rehearsed;
    expect(seed).toMatchObject({ migration: 'orders', verdict: 'untouched', doubts: [] });
    const [start, abort] = seed!.attacks[0]!.outcomes;
    expect(start).toMatchObject({ call: 'start', error: 'PreflightFailed' });
    expect(abort).toMatchObject({ call: 'abort' });
    for (const outcome of [start!, abort!])
      expect(outcome.sentence).toMatch(/control plane [0-9a-f]{16}, environment dev/);
    expect(report.observations).toBeGreaterThan(5);
  },
  20 * MINUTES,
);

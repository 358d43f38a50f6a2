/**
 * Live rehearsals in which Lambda environments are killed at moments that the seed decides.
 * A seed that fails prints the command that repeats it.
 */
import type { RehearsalResult } from '../../../src/rehearsal/rehearse';
import { seedsOf } from '../../support/seeds';
import { runLeg } from '../resume/killed-rehearsal';

const MINUTES = 60_000;

test.each(seedsOf('1-10'))(
  'nothing is lost while Lambdas are killed, seed %i',
  async (seed) => {
    const args = ['orders-live', '--rows', '20000', '--seed', String(seed), '--faults', 'kill-lambda'];
    const leg = await runLeg([...args, '--json'], null);
    if (leg.exitCode !== 0)
      throw new Error(`the rehearsal ended with exit code ${leg.exitCode}:\n${leg.stderr}\n${leg.stdout}`);
    const { live, faults } = JSON.parse(leg.stdout.trimEnd().split('\n').at(-1)!) as RehearsalResult;
    expect(live).toMatchObject({ lost: 0, extra: 0, sourceDiffers: 0, failures: {}, leftovers: [] });
    expect(live!.acknowledged.target).toBeGreaterThan(0);
    expect(faults.length).toBeGreaterThan(3);
  },
  15 * MINUTES,
);

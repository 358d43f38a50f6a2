/**
 * Live rehearsals under kills of Lambdas, at moments that a seed decides. `SLUICE_SEEDS=10` tries ten seeds.
 * A seed that fails prints the command that tries it again.
 */
import type { RehearsalResult } from '../../../src/rehearsal/rehearse';
import { runLeg } from '../resume/killed-rehearsal';

const SEEDS = Number(process.env.SLUICE_SEEDS ?? 1);
const MINUTES = 60_000;

test.each(Array.from({ length: SEEDS }, (_, index) => index + 1))(
  'nothing is lost while Lambdas are killed, seed %i',
  async (seed) => {
    const plan = ['orders-live', '--rows', '20000', '--seed', String(seed), '--faults', 'kill-lambda'];
    const leg = await runLeg([...plan, '--json'], null);
    if (leg.exitCode !== 0) throw new Error(`it ended with ${leg.exitCode}:\n${leg.stderr}\n${leg.stdout}`);
    const { live, faults } = JSON.parse(leg.stdout.trimEnd().split('\n').at(-1)!) as RehearsalResult;
    expect(live).toMatchObject({ lost: 0, extra: 0, sourceDiffers: 0, failures: {}, traces: [] });
    expect(live!.acknowledged.target).toBeGreaterThan(0);
    expect(faults.length).toBeGreaterThan(3);
  },
  15 * MINUTES,
);

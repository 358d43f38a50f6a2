/** 100 redeploys, old to new to old, at random steps of migrations of both shapes. */
import { appendFileSync } from 'node:fs';
import { assertNothingWasLost, assertRecordedCodeRan } from './assertions';
import type { RedeployerOptions } from './redeployer';
import { rehearseRedeploys, twoCodes, type Codes } from './rehearse-redeploys';
import { seedsOf } from '../../support/seeds';

const MINUTES = 60_000;
const REDEPLOYS = 100;
/** So that the redeploys fall on the steps of several migrations. */
const REDEPLOYS_OF_ONE_MAX = 25;
/** More than the redeploys need; SLUICE_SEEDS selects fewer. */
const SEEDS = seedsOf('1-60');
const PLANS = [
  { migration: 'orders-live', rows: 500 },
  { migration: 'orders', rows: 3_000 },
] as const;

let codes: Codes;
beforeAll(async () => {
  codes = await twoCodes();
}, 10 * MINUTES);
afterAll(() => codes.remove());

/** Numbers from 0 to below 1, the same for the same seed. */
function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

function randomActions(seed: number, redeploysMax: number): RedeployerOptions['next'] {
  const random = randomOf(seed);
  let [redeploys, others] = [0, 0];
  return () => {
    const afterMs = Math.round(random() * 2_500);
    if (random() < 0.2 && others < 3) {
      others += 1;
      return { action: others === 2 ? 'upgrade' : 'stop and resume', afterMs };
    }
    redeploys += 1;
    return { action: 'redeploy', afterMs: redeploys > redeploysMax ? 600 * MINUTES : afterMs };
  };
}

test(
  `${REDEPLOYS} redeploys at random steps, or those of the selected seeds, lose nothing and change no running code`,
  async () => {
    let redeploys = 0;
    for (const seed of SEEDS) {
      if (redeploys >= REDEPLOYS) break;
      const plan = { ...PLANS[seed % PLANS.length]!, seed };
      const most = Math.min(REDEPLOYS_OF_ONE_MAX, REDEPLOYS - redeploys);
      const rehearsed = await rehearseRedeploys(codes, plan, randomActions(seed, most));
      assertNothingWasLost(rehearsed);
      assertRecordedCodeRan(rehearsed);
      const { done, redeployMs } = rehearsed.redeployer;
      redeploys += redeployMs.length;
      const others = done.filter((action) => action !== 'redeploy');
      report({ ...plan, others, redeploys, redeployMsMax: Math.max(0, ...redeployMs) });
    }
    expect(redeploys).toBeGreaterThanOrEqual(Math.min(REDEPLOYS, SEEDS.length));
  },
  180 * MINUTES,
);

/** Appends a line to the file that SLUICE_REDEPLOY_REPORT names. */
function report(line: object): void {
  const file = process.env['SLUICE_REDEPLOY_REPORT'];
  if (file !== undefined) appendFileSync(file, `${JSON.stringify(line)}\n`);
}

/** A running migration keeps its code while other code is deployed, until it is upgraded. */
import { assertNothingWasLost, assertRecordedCodeRan } from './assertions';
import type { Action } from './redeployer';
import { rehearseRedeploys, twoCodes, type Codes } from './rehearse-redeploys';

const MINUTES = 60_000;

let codes: Codes;
beforeAll(async () => {
  codes = await twoCodes();
}, 10 * MINUTES);
afterAll(() => codes.remove());

/** Performs these actions, three seconds apart, and then none. */
const inTurn = (...actions: readonly Action[]) => {
  const left = [...actions];
  return () => {
    const action = left.shift();
    return { action: action ?? 'redeploy', afterMs: action === undefined ? 600 * MINUTES : 3_000 };
  };
};

test(
  'shape offline: redeploys, and a resume after them, do not change the code that runs',
  async () => {
    const plan = { migration: 'orders', rows: 3_000, seed: 1 };
    const actions = ['redeploy', 'stop and resume', 'redeploy', 'redeploy'] as const;
    const rehearsed = await rehearseRedeploys(codes, plan, inTurn(...actions));
    assertNothingWasLost(rehearsed);
    assertRecordedCodeRan(rehearsed);
    expect(rehearsed.redeployer.done).toContain('redeploy');
  },
  20 * MINUTES,
);

test(
  'shape cdc: Sync renews itself with its own version, until an upgrade moves the migration to the deployed code',
  async () => {
    const plan = { migration: 'orders-live', rows: 500, seed: 1 };
    const actions = ['redeploy', 'redeploy', 'redeploy', 'stop and resume', 'upgrade', 'redeploy'] as const;
    const rehearsed = await rehearseRedeploys(codes, plan, inTurn(...actions));
    assertNothingWasLost(rehearsed);
    assertRecordedCodeRan(rehearsed);
    const { redeployer } = rehearsed;
    expect(redeployer.done).toEqual(actions);
    const syncs = redeployer.executions.filter(({ machine }) => machine === 'Sync');
    expect(syncs.length).toBeGreaterThan(1);
  },
  30 * MINUTES,
);

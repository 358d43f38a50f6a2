/** Assertions on a rehearsal with redeploys: nothing failed, nothing was lost, and each function ran the recorded code. */
import type { RedeployedRehearsal } from './rehearse-redeploys';

export function assertNothingWasLost({ result, redeployer }: RedeployedRehearsal): void {
  expect(result.doubts).toEqual([]);
  expect(result.flipped).toBe(true);
  expect(result.live?.lost ?? 0).toBe(0);
  const events = [...redeployer.journal.values()].map(({ event }) => event);
  expect(events.filter((event) => event === 'held')).toEqual([]);
  const { executions, refusedUpgrades } = redeployer;
  const failed = executions.filter(({ status }) => status === 'FAILED' || status === 'TIMED_OUT');
  expect(failed).toHaveLength(refusedUpgrades);
}

/**
 * Asserts that only published versions ran, that none of them ever changed, and that every function ran the recorded code: `old`
 * until an upgrade, then `new`. An invocation that an upgrade interrupts ends with the earlier code, and changes nothing.
 */
export function assertRecordedCodeRan({ executed, redeployer, startedVersions }: RedeployedRehearsal): void {
  expect(startedVersions.has('$LATEST')).toBe(false);
  expect(redeployer.executions.filter(({ versionArn }) => versionArn === undefined)).toEqual([]);
  const codes = new Map<string, Set<string>>();
  for (const { functionName, version, code } of executed) {
    const key = `${functionName}:${version}`;
    codes.set(key, (codes.get(key) ?? new Set()).add(code));
  }
  expect(codes.size).toBeGreaterThan(5);
  expect([...codes].filter(([, names]) => names.size !== 1)).toEqual([]);
  const upgraded = [...redeployer.journal.values()].find(({ event }) => event === 'upgraded')?.at ?? '9999';
  expect(executed.filter(({ endedAt, code }) => endedAt < upgraded && code !== 'old')).toEqual([]);
  expect(executed.filter(({ startedAt, code }) => startedAt > upgraded && code !== 'new')).toEqual([]);
}

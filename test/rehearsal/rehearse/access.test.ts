import type { AccessReport, MissingGrant } from 'local-aws';
import { accessText, Denials } from '../../../src/rehearsal/rehearse/access';

const grant = { principals: ['f'], place: 'p', action: 'a:B', resource: '*' };
const denial: MissingGrant = {
  ...{ action: 'a:B', resource: '*', principal: 'arn:f', role: 'Role', times: 1, deniedBy: null },
  statement: { Effect: 'Allow', Action: 'a:B', Resource: '*' },
};
const REPORT: AccessReport = {
  denied: [denial],
  unused: Array.from({ length: 1_234 }, () => grant),
  notExercised: [{ ...grant, reason: 'the engine has no a' }],
};

test('one line counts denied calls, unused and unexercised permissions, and names the complete report', () => {
  expect(accessText(REPORT, '--json')).toBe(
    'access: 1 denied, 1,234 granted but unused, 1 not exercised on this machine; --json lists them',
  );
});

test('reports each denial once, and stops waiting ten seconds after the first', async () => {
  const notes: string[] = [];
  let nowMs = 0;
  const report = { ...REPORT, denied: [] as MissingGrant[] };
  const denials = new Denials(
    { access: () => Promise.resolve(report) },
    { note: (line) => notes.push(line), now: () => nowMs },
  );
  expect(await denials.shouldStopWaiting()).toBe(false);
  report.denied.push(denial);
  await denials.report();
  await denials.report();
  expect(notes).toEqual([expect.stringMatching(/^denied: arn:f may not a:B on \*; add to Role: /)]);
  nowMs = 10_000;
  expect(await denials.shouldStopWaiting()).toBe(false);
  nowMs = 10_001;
  expect(await denials.shouldStopWaiting()).toBe(true);
});

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

test('one line tells how much was denied, granted for nothing, and not looked at, and where it is', () => {
  expect(accessText(REPORT, '--json')).toBe(
    'access: 1 denied, 1,234 granted and not used, 1 not exercised here; --json lists them',
  );
});

test('each denial is told once; ten seconds after the first, nobody waits any longer', async () => {
  const notes: string[] = [];
  let nowMs = 0;
  const report = { ...REPORT, denied: [] as MissingGrant[] };
  const denials = new Denials(
    { access: () => Promise.resolve(report) },
    { note: (line) => notes.push(line), now: () => nowMs },
  );
  expect(await denials.waitNoLonger()).toBe(false);
  report.denied.push(denial);
  await denials.tell();
  await denials.tell();
  expect(notes).toEqual([expect.stringMatching(/^denied: arn:f may not a:B on \*; add to Role: /)]);
  nowMs = 10_000;
  expect(await denials.waitNoLonger()).toBe(false);
  nowMs = 10_001;
  expect(await denials.waitNoLonger()).toBe(true);
});

/** Limits of rules and their targets. EventBridge refuses a template that exceeds them only on deployment. */
import { readRule, type Rule } from '../../src/event-bridge';

const Arn = 'arn:aws:lambda:eu-central-1:123456789012:function:abort';
const target = (more: object = {}) => ({ Id: 'Function', Arn, ...more });
const rule = (targets: readonly object[], more: object = {}): Rule =>
  readRule({ Name: 'abort', EventPattern: { source: ['shop'] }, Targets: targets, ...more });

test('a rule has at most 5 targets, each with a unique Id', () => {
  const targets = (count: number) =>
    Array.from({ length: count }, (_, index) => target({ Id: `Function${index}` }));
  expect(rule(targets(5)).targets).toHaveLength(5);
  expect(() => rule(targets(6))).toThrow('Targets has 6 items; the limit is 5');
  expect(() => rule([target(), target()])).toThrow('two targets have the same Id: Function, Function');
});

test.each([
  ['MaximumRetryAttempts', 0, 185, 'retryAttemptsMax', 1],
  ['MaximumEventAgeInSeconds', 60, 86_400, 'eventAgeMsMax', 1_000],
] as const)('%s lies between %i and %i, which is the default', (name, min, max, kept, unit) => {
  const policy = (value: number) => rule([target({ RetryPolicy: { [name]: value } })]).targets[0]?.[kept];
  expect([policy(min), policy(max)]).toEqual([min * unit, max * unit]);
  expect(rule([target()]).targets[0]?.[kept]).toBe(max * unit);
  for (const value of [min - 1, max + 1])
    expect(() => policy(value)).toThrow(`target Function: ${name} ${value} is not between ${min} and ${max}`);
  expect(() => policy(60.5)).toThrow(`${name} must be an integer, not 60.5`);
});

test('names have a maximum length and allowed characters', () => {
  expect(rule([target({ Id: 'x'.repeat(64) })], { Name: 'x'.repeat(64) }).name).toHaveLength(64);
  expect(() => rule([], { Name: 'x'.repeat(65) })).toThrow('must have 1 to 64 letters');
  expect(() => rule([target({ Id: 'x'.repeat(65) })])).toThrow('Id has 65 characters; the limit is 1 to 64');
  expect(() => rule([target({ Id: 'a b' })])).toThrow('its Id may contain only letters');
  expect(rule([], { Description: 'x'.repeat(512) }).given.Description).toHaveLength(512);
  expect(() => rule([], { Description: 'x'.repeat(513) })).toThrow('Description has 513 characters');
  expect(() => rule([target({ Arn: `${Arn}${'x'.repeat(1_600)}` })])).toThrow('the limit is 1 to 1600');
});

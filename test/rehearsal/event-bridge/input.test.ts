import type { Event } from '../../../src/rehearsal/event-bridge';
import { compileInput, type TargetInput } from '../../../src/rehearsal/event-bridge/input';

const EVENT: Event = {
  version: '0',
  id: '7bf73129',
  'detail-type': 'CloudWatch Alarm State Change',
  source: 'aws.cloudwatch',
  account: '123456789012',
  time: '2026-11-20T12:00:00Z',
  region: 'eu-central-1',
  resources: ['arn:lag'],
  detail: { alarmName: 'lag', 'state-of': { value: 'ALARM' }, count: 2 },
};
const RULE = { name: 'abort', arn: 'arn:aws:events:eu-central-1:123456789012:rule/abort' };

const given = (input: TargetInput): unknown => JSON.parse(compileInput(input)(EVENT, RULE, 0));
const transformed = (InputTemplate: string): unknown =>
  given({
    InputTransformer: {
      InputTemplate,
      InputPathsMap: {
        name: '$.detail.alarmName',
        state: '$.detail.state-of',
        first: '$.resources[0]',
        gone: '$.gone',
      },
    },
  });

test('a target gets the event, a part of it, or a constant', () => {
  expect(given({})).toEqual(EVENT);
  expect(given({ InputPath: '$.detail.state-of.value' })).toBe('ALARM');
  expect(given({ Input: '{"why":"drill"}' })).toEqual({ why: 'drill' });
});

test('a template takes values as JSON, and as bare text within quotes', () => {
  expect(
    transformed(
      '{"name": <name>, "state": <state>, "why": "alarm \\"<name>\\" of <first>", "said": "<state>"}',
    ),
  ).toEqual({ name: 'lag', state: { value: 'ALARM' }, why: 'alarm "lag" of arn:lag', said: '{value:ALARM}' });
  expect(transformed('"<aws.events.rule-name>: <name><gone>"')).toBe('abort: lag');
  expect(transformed('{"event": <aws.events.event.json>, "envelope": <aws.events.event>}')).toEqual({
    event: EVENT,
    envelope: Object.fromEntries(Object.entries(EVENT).filter(([name]) => name !== 'detail')),
  });
});

test('what gives no JSON is not delivered', () => {
  expect(() => transformed('{"gone": <gone>}')).toThrow('InputTemplate gives no JSON');
  expect(() => given({ InputPath: '$.gone' })).toThrow('finds nothing');
});

test.each<[TargetInput, string]>([
  [{ Input: '{', InputPath: undefined }, 'Input is no JSON'],
  [{ Input: '{}', InputPath: '$' }, 'exclude each other'],
  [{ InputPath: '$.detail.*' }, 'InputPath $.detail.* is not supported'],
  [{ InputTransformer: { InputTemplate: '"<name>"' } }, 'uses <name>, which InputPathsMap lacks'],
  [{ InputTransformer: { InputTemplate: '""', InputPathsMap: { 'aws.x': '$' } } }, 'aws.x has no valid name'],
])('%j is refused', (input, problem) => {
  expect(() => compileInput(input)).toThrow(problem);
});

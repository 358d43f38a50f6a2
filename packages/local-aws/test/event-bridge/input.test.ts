import type { Event } from '../../src/event-bridge';
import { compileInput, type TargetInput } from '../../src/event-bridge/input';

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

test('a target receives the event, a part of it, or a constant', () => {
  expect(given({})).toEqual(EVENT);
  expect(given({ InputPath: '$.detail.state-of.value' })).toBe('ALARM');
  expect(given({ Input: '{"why":"drill"}' })).toEqual({ why: 'drill' });
});

test('a template inserts values as JSON, and without escaping within quotes', () => {
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

test('an input that is not JSON is not delivered', () => {
  expect(() => transformed('{"gone": <gone>}')).toThrow('InputTemplate does not produce JSON');
  expect(() => given({ InputPath: '$.gone' })).toThrow('matches nothing');
});

test('inputs and templates have at most 8,192 characters, paths 256, and there are at most 100 variables', () => {
  const constant = (length: number) => given({ Input: `"${'x'.repeat(length - 2)}"` });
  expect(constant(8_192)).toHaveLength(8_190);
  expect(() => constant(8_193)).toThrow('Input has 8193 characters; the limit is 8192');

  const template = (length: number) => transformed(`"<name>${'x'.repeat(length - 8)}"`);
  expect(template(8_192)).toHaveLength(8_192 - 8 + 'lag'.length);
  expect(() => template(8_193)).toThrow('InputTemplate has 8193 characters; the limit is 8192');
  expect(() => transformed('')).toThrow('InputTemplate is empty');

  const path = (length: number) => `$.detail.${'x'.repeat(length - 9)}`;
  expect(() => given({ InputPath: path(256) })).toThrow('matches nothing');
  expect(() => given({ InputPath: path(257) })).toThrow('InputPath has 257 characters; the limit is 256');

  const variables = (count: number, pathOfAll = '$.source', name = 'v') =>
    given({
      InputTransformer: {
        InputTemplate: '"fixed"',
        InputPathsMap: Object.fromEntries(
          Array.from({ length: count }, (_, index) => [`${name}${index}`, pathOfAll]),
        ),
      },
    });
  expect(variables(100)).toBe('fixed');
  expect(() => variables(101)).toThrow('InputPathsMap has 101 variables; the limit is 100');
  expect(variables(1, path(256))).toBe('fixed');
  expect(() => variables(1, path(257))).toThrow('the path of v0 has 257 characters');
  expect(variables(1, '$', 'v'.repeat(255))).toBe('fixed');
  expect(() => variables(1, '$', 'v'.repeat(256))).toThrow(/the name of the variable v+0? is invalid/);
});

test.each<[TargetInput, string]>([
  [{ Input: '{', InputPath: undefined }, 'Input is not JSON'],
  [{ Input: '{}', InputPath: '$' }, 'Only one of Input, InputPath and InputTransformer is allowed'],
  [{ InputPath: '$.detail.*' }, 'InputPath $.detail.* is not supported'],
  [{ InputTransformer: { InputTemplate: '"<name>"' } }, 'uses <name>, which InputPathsMap does not define'],
  [
    { InputTransformer: { InputTemplate: '""', InputPathsMap: { 'aws.x': '$' } } },
    'the name of the variable aws.x is invalid',
  ],
])('%j is refused', (input, problem) => {
  expect(() => compileInput(input)).toThrow(problem);
});

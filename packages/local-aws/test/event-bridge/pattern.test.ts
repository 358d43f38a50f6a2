/** Event patterns as EventBridge documents them. */
import { compilePattern } from '../../src/event-bridge/pattern';

const EVENT = {
  source: 'aws.cloudwatch',
  resources: ['arn:one', 'arn:two'],
  'detail-type': 'CloudWatch Alarm State Change',
  detail: {
    alarmName: 'Shop-lag.orders',
    state: { value: 'ALARM' },
    count: 7,
    paused: false,
    owner: null,
    path: 'a/lib/b*c.ts',
    checks: [
      { name: 'lag', result: 'bad' },
      { name: 'drift', result: 'good' },
    ],
    none: [],
  },
};
const detail = (pattern: object): boolean => compilePattern({ detail: pattern })(EVENT);

test.each<[object, boolean]>([
  [{ state: { value: ['OK', 'ALARM'] } }, true],
  [{ state: { value: ['ALARM'] }, count: [8] }, false],
  [{ count: [7] }, true],
  [{ count: ['7'] }, false],
  [{ paused: [false], owner: [null] }, true],
  [{ owner: [''] }, false],
  [{ missing: [null] }, false],
  [{ alarmName: [{ prefix: 'Shop-' }] }, true],
  [{ alarmName: [{ prefix: { 'equals-ignore-case': 'shop' } }] }, true],
  [{ alarmName: [{ suffix: '.orders' }] }, true],
  [{ alarmName: [{ suffix: '.items' }, { suffix: { 'equals-ignore-case': 'ORDERS' } }] }, true],
  [{ alarmName: [{ 'equals-ignore-case': 'shop-LAG.orders' }] }, true],
  [{ alarmName: [{ wildcard: 'Shop-*.ord*' }] }, true],
  [{ alarmName: [{ wildcard: 'Shop-*xorders' }] }, false],
  [{ path: [{ wildcard: '*b\\*c.ts' }] }, true],
  [{ path: [{ wildcard: '*a\\*c.ts' }] }, false],
  [{ state: { value: [{ 'anything-but': 'OK' }] } }, true],
  [{ state: { value: [{ 'anything-but': ['OK', 'ALARM'] }] } }, false],
  [{ missing: [{ 'anything-but': 'OK' }] }, false],
  [{ count: [{ 'anything-but': [1, 2] }] }, true],
  [{ alarmName: [{ 'anything-but': { prefix: 'Shop' } }] }, false],
  [{ alarmName: [{ 'anything-but': { suffix: ['.a', '.b'] } }] }, true],
  [{ alarmName: [{ 'anything-but': { 'equals-ignore-case': ['SHOP-LAG.ORDERS'] } }] }, false],
  [{ path: [{ 'anything-but': { wildcard: '*/lib/*' } }] }, false],
  [{ count: [{ numeric: ['>', 0, '<=', 7] }] }, true],
  [{ count: [{ numeric: ['=', 7.5] }] }, false],
  [{ alarmName: [{ numeric: ['>', 0] }] }, false],
  [{ owner: [{ exists: true }], missing: [{ exists: false }] }, true],
  [{ state: [{ exists: true }] }, false],
  [{ none: [{ exists: false }] }, true],
  [{ gone: { deep: [{ exists: false }] } }, true],
  [{ checks: { name: ['lag'], result: ['bad'] } }, true],
  [{ checks: { name: ['lag'], result: ['good'] } }, false],
  [{ $or: [{ count: [1] }, { paused: [false] }] }, true],
  [{ $or: [{ count: [1] }, { paused: [true] }], alarmName: [{ exists: true }] }, false],
])('%j: %s', (pattern, expected) => {
  expect(detail(pattern)).toBe(expected);
});

test('a pattern has at most 2,048 characters', () => {
  const pattern = (length: number) => ({ source: ['x'.repeat(length - '{"source":[""]}'.length)] });
  expect(compilePattern(pattern(2_048))).toBeInstanceOf(Function);
  expect(() => compilePattern(pattern(2_049))).toThrow('the limit is 2048');
});

test('a list matches if one of its elements matches', () => {
  expect(compilePattern({ resources: ['arn:two', 'arn:three'] })(EVENT)).toBe(true);
  expect(compilePattern({ resources: [{ 'anything-but': 'arn:one' }] })(EVENT)).toBe(true);
});

test.each<[unknown, string]>([
  [{ detail: { a: [{ cidr: '10.0.0.0/24' }] } }, 'EventPattern.detail.a[0] has the operator cidr'],
  [
    { detail: { a: [{ 'anything-but': { numeric: ['>', 1] } }] } },
    'EventPattern.detail.a[0].anything-but has the operator numeric',
  ],
  [
    { detail: { a: [{ prefix: { suffix: 'x' } }] } },
    'EventPattern.detail.a[0].prefix has the operator suffix',
  ],
  [{ detail: { a: 'OK' } }, 'EventPattern.detail.a must be an object'],
  [{ detail: { a: [] } }, 'EventPattern.detail.a must not be empty'],
  [{ detail: {} }, 'EventPattern.detail must be an object with at least one field'],
  [{ detail: { a: [{ prefix: 'x', suffix: 'y' }] } }, 'exactly one operator'],
  [{ detail: { a: [{ numeric: ['>', '1'] }] } }, 'not a number'],
  [{ detail: { a: [{ numeric: ['<>', 1] }] } }, 'the comparison <>'],
  [{ detail: { a: [{ wildcard: 'x**' }] } }, 'two consecutive wildcards'],
  [{ detail: { a: [{ wildcard: 'x\\d' }] } }, 'escapes something other'],
  [{ $or: [{ source: ['x'] }] }, 'EventPattern.$or must be a list of at least two'],
  [{ source: ['x'.repeat(2048)] }, 'the limit is 2048'],
])('%j is refused', (pattern, problem) => {
  expect(() => compilePattern(pattern)).toThrow(problem);
});

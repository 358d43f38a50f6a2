import { parseExpression, type Value } from '../../src/cloudwatch/expression';

const PERIODS = [0, 60, 120];
const SERIES: Readonly<Record<string, Value>> = {
  errors: new Map([[0, 1], [120, 4]]), // prettier-ignore
  calls: new Map([[0, 10], [60, 0], [120, 8]]), // prettier-ignore
  none: new Map(),
};

const points = (text: string): unknown => {
  const value = parseExpression(text).evaluate((id) => SERIES[id]!, PERIODS);
  return typeof value === 'number' ? value : Object.fromEntries(value);
};

test('arithmetic returns a point where both sides have one, and none after a division by zero', () => {
  expect(points('100 * errors / calls')).toEqual({ 0: 10, 120: 50 });
  expect(points('1 / calls')).toEqual({ 0: 0.1, 120: 0.125 });
  expect(points('2 + 3 * -(1 - 4)')).toBe(11);
});

test('FILL fills missing points, even if all are missing', () => {
  expect(points('FILL(errors, 0)')).toEqual({ 0: 1, 60: 0, 120: 4 });
  expect(points('FILL(errors, REPEAT)')).toEqual({ 0: 1, 60: 1, 120: 4 });
  expect(points('FILL(none, 7)')).toEqual({ 0: 7, 60: 7, 120: 7 });
});

test('IF selects by period; SUM, MIN, MAX and AVG use the existing points', () => {
  expect(points('IF(calls >= 8, FILL(errors, 0) / calls, 0)')).toEqual({ 0: 0.1, 60: 0, 120: 0.5 });
  expect(points('SUM([errors, calls])')).toEqual({ 0: 11, 60: 0, 120: 12 });
  expect(points('MAX([errors, calls, 5])')).toEqual({ 0: 10, 60: 5, 120: 8 });
  expect(points('AVG([errors, calls])')).toEqual({ 0: 5.5, 60: 0, 120: 6 });
});

test.each([
  'ANOMALY_DETECTION_BAND(errors)',
  'errors +',
  'errors calls',
  'SUM(METRICS())',
  'SELECT AVG(x)',
  'a & b',
])('%s is refused', (text) => expect(() => parseExpression(text)).toThrow(text));

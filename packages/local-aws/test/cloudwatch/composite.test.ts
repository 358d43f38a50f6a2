import { readComposite } from '../../src/cloudwatch';

const read = (AlarmRule: string, more: object = {}) =>
  readComposite({ AlarmName: 'any', AlarmRule, ...more });
const names = (count: number): string =>
  Array.from({ length: count }, (_, index) => `ALARM(a${index})`).join(' OR ');

test('a rule has at most 10,240 characters', () => {
  expect(read('ALARM(a)'.padEnd(10_240)).children).toEqual(['a']);
  expect(() => read('ALARM(a)'.padEnd(10_241))).toThrow(
    'AlarmRule has 10241 characters; the limit is 1 to 10240',
  );
  expect(() => read('')).toThrow('AlarmRule has 0 characters');
});

test('a rule names at most 100 alarms, each any number of times', () => {
  expect(read(`${names(100)} AND NOT OK(a0)`).children).toHaveLength(100);
  expect(() => read(names(101))).toThrow('AlarmRule names 101 alarms; the limit is 100');
});

test('names and descriptions have the same limits as those of other alarms', () => {
  expect(read('TRUE', { AlarmName: 'x'.repeat(255), AlarmDescription: 'x'.repeat(1_024) }).name).toHaveLength(
    255,
  );
  expect(() => read('TRUE', { AlarmName: 'x'.repeat(256) })).toThrow('AlarmName has 256 characters');
  expect(() => read('TRUE', { AlarmName: 'a\u0007' })).toThrow('control characters');
  expect(() => read('TRUE', { AlarmDescription: 'x'.repeat(1_025) })).toThrow('AlarmDescription has 1025');
});

test.each(['AT_LEAST(1, ALARM, (a, b))', 'ALARM(a) XOR OK(b)', 'ALARM(a', 'ALARM()'])(
  '%s is refused',
  (rule) => {
    expect(() => read(rule)).toThrow(`AlarmRule ${rule} has a syntax error`);
  },
);

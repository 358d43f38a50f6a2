/** The attribute `writes`: the owner of the writes. No other file reads or builds its values. */
import {
  abortedWrites,
  attemptOf,
  intendedWrites,
  intentOf,
  isAborting,
  servingSide,
  type Writes,
} from '../../src/contract/writes';

const EVERY: readonly Writes[] = [
  'source',
  'target',
  'source→target#3',
  'target→source#4',
  'source, aborting',
];

test('an intent names both sides and the attempt', () => {
  expect(intentOf(intendedWrites('source', 3))).toEqual({ from: 'source', to: 'target', attempt: 3 });
  expect(intentOf(intendedWrites('target', 4))).toEqual({ from: 'target', to: 'source', attempt: 4 });
  expect(EVERY.map(attemptOf)).toEqual([null, null, 3, 4, null]);
});

test.each(['', 'fenced#3', 'source→target', 'source→target#', 'source→target#3 ', 'aborting', 'SOURCE'])(
  '%p names no attempt and no side',
  (text) => {
    expect(intentOf(text)).toBeNull();
    expect(servingSide(text)).toBeNull();
  },
);

test('one side serves writes, and neither does during a cutover', () => {
  expect(EVERY.map(servingSide)).toEqual(['source', 'target', null, null, 'source']);
  expect(EVERY.filter(isAborting)).toEqual(['source, aborting']);
});

test('an abort takes writes only from a source that has them and sends rows', () => {
  const aborted = 'source, aborting';
  expect(EVERY.map((value) => abortedWrites(value, 'forward'))).toEqual([
    aborted,
    null,
    aborted,
    null,
    aborted,
  ]);
  expect(EVERY.map((value) => abortedWrites(value, 'reverse'))).toEqual(EVERY.map(() => null));
});

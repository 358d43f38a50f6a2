/** Texts of errors are bounded by their bytes as JSON, because a state of an execution is. */
import { boundedList, boundedText, firstFitting, jsonBytes } from '../../src/core/bounded-text';

const TEXTS = ['x', '"', '\n', '\u0000', 'ß', '🐘', '"ß🐘\n'];

test.each(TEXTS)('%j many times: the start and the end remain, within the bound', (text) => {
  for (const bytesMax of [100, 101, 102, 103, 1_000]) {
    const bounded = boundedText(`first ${text.repeat(5_000)} last`, bytesMax);
    expect(jsonBytes(bounded)).toBeLessThanOrEqual(bytesMax);
    expect(bounded).toMatch(/^first .*bytes or more are left out.* last$/s);
    expect(() => encodeURIComponent(bounded)).not.toThrow();
  }
});

test('a text that fits stays as it is', () => {
  expect(boundedText('x'.repeat(98), 100)).toBe('x'.repeat(98));
  expect(boundedText('', 100)).toBe('');
});

test('a list keeps the first entries that fit, and at least one', () => {
  expect(firstFitting(['a', 'b'], 100)).toEqual(['a', 'b']);
  expect(firstFitting(['a'.repeat(60), 'b'.repeat(60)], 130)).toEqual(['a'.repeat(60)]);
  expect(firstFitting(['a'.repeat(5_000), 'b'], 1_000)).toEqual([expect.stringMatching(/^a+ …/), 'b']);
  expect(firstFitting([], 100)).toEqual([]);
});

test('a list that does not fit says how many more there are', () => {
  expect(boundedList(['a', 'b'], 100)).toEqual(['a', 'b']);
  expect(
    boundedList(
      Array.from({ length: 9 }, () => 'a'.repeat(30)),
      100,
    ),
  ).toEqual([...['a'.repeat(30), 'a'.repeat(30)], 'and 7 more']);
});

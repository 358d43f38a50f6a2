/** Names in brackets: which key a path addresses. */
import { lookUp, parsePath } from '../../src/step-functions/paths';

const found = (path: string, input: Record<string, string>) =>
  lookUp(parsePath(path), { input, context: {}, variables: new Map() });

test.each([
  // Recorded on AWS by LocalStack's test_escape_sequence_parsing[ESCAPE_SEQUENCES_JSONPATH].
  [String.raw`$['Test\""Name"']`, String.raw`Test\""Name"`],
  [String.raw`$['a\b']`, String.raw`a\b`],
  [String.raw`$['a\u0041']`, String.raw`a\u0041`],
  [String.raw`$["a\'b"]`, String.raw`a\'b`],
  [`$['a.b [0]']`, 'a.b [0]'],
])('%s addresses the key %s', (path, key) => {
  expect(found(path, { [key]: 'found', ab: 'another', aA: 'another' })).toBe('found');
});

test.each([String.raw`$['a\'b']`, String.raw`$['a\\b']`, String.raw`$["a\"b"]`, String.raw`$.x['a\']`])(
  '%s is refused',
  (path) => {
    expect(() => parsePath(path)).toThrow('has an escaped quote or backslash in a name');
  },
);

/** Longest expression of a definition; it stands in a statement up to twice, beside the others of its table. */
const CHARACTERS_MAX = 4_000;

/** A literal, a quoted identifier, a cast, an array bound: what may hold or be what is refused elsewhere. */
const PASSED_OVER =
  /(?<![\w$])[eE]'(?:[^'\\]|\\[\s\S]|'')*'|(?<!(?<![\w$])[eE])'(?:[^']|'')*'|"(?:[^"]|"")*"|::/g;

const REFUSED: readonly (readonly [pattern: RegExp, found: string])[] = [
  [/['"]/, 'a quote that does not end'],
  [/;/, 'a semicolon; write one expression'],
  [/--|\/\*/, 'a comment; write it in TypeScript'],
  [/\$/, 'a dollar sign outside of quotes; write literals in single quotes'],
  [
    /:(?=[A-Za-z_])/,
    'a colon before a name, which the Data API takes for a parameter; put a blank between them',
  ],
  [/[\u0000-\u0008\u000b\u000e-\u001f]/, 'a control character'],
];

/** Why a text cannot stand inside a statement as one SQL expression; null if it can. Its meaning is the database's to judge. */
export function whyNotExpression(sql: unknown): string | null {
  if (typeof sql !== 'string' || sql.trim() === '') return 'it is no text; write an SQL expression';
  if (sql.length > CHARACTERS_MAX)
    return `it has ${sql.length} characters; write at most ${CHARACTERS_MAX}, or use a row function`;
  const bare = sql.replace(PASSED_OVER, (passed) => (passed === '::' ? '  ' : 'x'));
  const found = REFUSED.find(([pattern]) => pattern.test(bare));
  if (found) return `it holds ${found[1]}`;
  return isBalanced(bare) ? null : 'its parentheses do not match';
}

/** An expression that closes a parenthesis which it did not open would end the one around it. */
function isBalanced(bare: string): boolean {
  const open: string[] = [];
  for (const [bracket] of bare.matchAll(/[()[\]]/g)) {
    if (bracket === '(' || bracket === '[') open.push(bracket);
    else if (open.pop() !== (bracket === ')' ? '(' : '[')) return false;
  }
  return open.length === 0;
}

/** Longest expression of a definition. A statement may contain it twice, with the others of its table. */
const CHARACTERS_MAX = 4_000;

/** Literals, quoted identifiers and casts, which may contain characters that are refused elsewhere. */
const IGNORED =
  /(?<![\w$])[eE]'(?:[^'\\]|\\[\s\S]|'')*'|(?<!(?<![\w$])[eE])'(?:[^']|'')*'|"(?:[^"]|"")*"|::/g;

const REFUSED: readonly (readonly [pattern: RegExp, found: string])[] = [
  [/['"]/, 'an unterminated quote. Close it'],
  [/;/, 'a semicolon. Write one expression'],
  [/--|\/\*/, 'a comment. Write it in TypeScript'],
  [/\$/, 'a dollar sign outside quotes. Write literals in single quotes'],
  [
    /:(?=[A-Za-z_])/,
    'a colon before a name, which the Data API reads as a parameter. Put a space between them',
  ],
  [/[\u0000-\u0008\u000b\u000e-\u001f]/, 'a control character. Remove it'],
];

/** Returns why a text cannot be one SQL expression within a statement, or null if it can. The database checks its meaning. */
export function expressionProblem(sql: unknown): string | null {
  if (typeof sql !== 'string' || sql.trim() === '')
    return 'it is empty or not a string. Write an SQL expression';
  if (sql.length > CHARACTERS_MAX)
    return `it has ${sql.length} characters. Write at most ${CHARACTERS_MAX}, or use a row function`;
  const bare = sql.replace(IGNORED, (ignored) => (ignored === '::' ? '  ' : 'x'));
  const found = REFUSED.find(([pattern]) => pattern.test(bare));
  if (found) return `it contains ${found[1]}`;
  return isBalanced(bare) ? null : 'its parentheses do not match. Balance them';
}

/** Whether brackets match. An unmatched closing parenthesis would close that of the statement around the expression. */
function isBalanced(bare: string): boolean {
  const open: string[] = [];
  for (const [bracket] of bare.matchAll(/[()[\]]/g)) {
    if (bracket === '(' || bracket === '[') open.push(bracket);
    else if (open.pop() !== (bracket === ')' ? '(' : '[')) return false;
  }
  return open.length === 0;
}

/** Finds the end of a comment, by the rules of PostgreSQL's scanner. */

/** @param at index of `--` @returns the index after the end of the line; a carriage return ends a line too */
export function findLineCommentEnd(sql: string, at: number): number {
  const length = sql.slice(at).search(/[\r\n]/);
  return length === -1 ? sql.length : at + length + 1;
}

/** @param at index of the outermost comment @returns the index after it; the end of the text if it is not closed */
export function findBlockCommentEnd(sql: string, at: number): number {
  const edge = /\/\*|\*\//g;
  let depth = 0;
  edge.lastIndex = at;
  for (let match = edge.exec(sql); match !== null; match = edge.exec(sql)) {
    depth += match[0] === '/*' ? 1 : -1;
    if (depth === 0) return edge.lastIndex;
  }
  return sql.length;
}

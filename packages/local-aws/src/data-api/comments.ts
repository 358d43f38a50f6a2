/** Where PostgreSQL's scanner takes a comment to end. */

/** @param at of `--` @returns the place after the line's end, which a carriage return is too */
export function lineCommentEnd(sql: string, at: number): number {
  const length = sql.slice(at).search(/[\r\n]/);
  return length === -1 ? sql.length : at + length + 1;
}

/** @param at of the first of nested comments @returns the end of the text if one of them is not closed */
export function blockCommentEnd(sql: string, at: number): number {
  const edge = /\/\*|\*\//g;
  let depth = 0;
  edge.lastIndex = at;
  for (let match = edge.exec(sql); match !== null; match = edge.exec(sql)) {
    depth += match[0] === '/*' ? 1 : -1;
    if (depth === 0) return edge.lastIndex;
  }
  return sql.length;
}

/** Parses the text form of PostgreSQL's one-dimensional arrays. */

/** Returns the text of each element; undefined if the array has more than one dimension. */
export function parseArrayLiteral(text: string): (string | null)[] | undefined {
  // `[2:4]={…}`: bounds that do not start at 1.
  const start = text.startsWith('[') ? text.indexOf('=') + 1 : 0;
  if (text.charAt(start + 1) === '{') return undefined;
  const elements: (string | null)[] = [];
  for (let at = start + 1; at < text.length - 1;) {
    const end = text.charAt(at) === '"' ? findQuotedEnd(text, at) : findPlainEnd(text, at);
    elements.push(parseElement(text.slice(at, end)));
    // Skip the comma.
    at = end + 1;
  }
  return elements;
}

function parseElement(text: string): string | null {
  if (text.startsWith('"')) return text.slice(1, -1).replace(/\\(.)/gs, '$1');
  return text === 'NULL' ? null : text;
}

function findPlainEnd(text: string, at: number): number {
  const comma = text.indexOf(',', at);
  return comma === -1 ? text.length - 1 : comma;
}

function findQuotedEnd(text: string, at: number): number {
  let end = at + 1;
  while (text.charAt(end) !== '"') end += text.charAt(end) === '\\' ? 2 : 1;
  return end + 1;
}

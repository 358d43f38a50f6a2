import type { Json } from './json';

/** What is lost in silence when JSON text is read. Where it is not said otherwise, the text must be JSON. */

const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d[\d.eE+-]*|[{}[\],]/g;

/** Whether reading the number gives it back as it stands: integers must, fractions have the precision of a double. */
export function isExactNumber(literal: string): boolean {
  const value = Number(literal);
  if (!/^-?\d+$/.test(literal)) return Number.isFinite(value);
  return Number.isSafeInteger(value) || String(value) === literal;
}

/** The numbers that would become others, such as integers beyond 2^53. */
export function inexactNumbers(text: string): string[] {
  // Most texts have none, and are not read twice.
  if (!/\d{16}|\d[eE]/.test(text)) return [];
  return [...text.matchAll(TOKEN)]
    .map(([token]) => token)
    .filter((token) => /^[-\d]/.test(token) && !isExactNumber(token));
}

/** Reads data that comes from outside. Throws SyntaxError for what is no JSON, or a number that would become another. */
export function parseData(text: string): Json {
  const value = JSON.parse(text) as Json;
  const [lost] = inexactNumbers(text);
  if (lost === undefined) return value;
  throw new SyntaxError(`the number ${lost} is beyond what this engine keeps exactly; send it as text`);
}

interface Frame {
  /** Of an object; a list has none. */
  readonly keys: Set<string> | undefined;
  key: string | undefined;
}

/** The keys that an object has twice, of which the last would win, each with its place: `States.Copy.Next`. */
export function duplicateKeys(text: string): string[] {
  const repeated: string[] = [];
  const frames: Frame[] = [];
  for (const [token] of text.matchAll(TOKEN)) {
    const frame = frames.at(-1);
    if (token === '{') frames.push({ keys: new Set(), key: undefined });
    else if (token === '[') frames.push({ keys: undefined, key: undefined });
    else if (token === '}' || token === ']') frames.pop();
    else if (token === ',' && frame) frame.key = undefined;
    else if (frame?.keys && frame.key === undefined && token.startsWith('"')) {
      frame.key = JSON.parse(token) as string;
      if (frame.keys.has(frame.key)) repeated.push(placeOf(frames));
      frame.keys.add(frame.key);
    }
  }
  return repeated;
}

const placeOf = (frames: readonly Frame[]): string =>
  frames.flatMap(({ key }) => (key === undefined ? [] : [key])).join('.');

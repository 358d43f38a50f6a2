import { readJson, type Json } from './json';

/** Finds what JSON.parse would silently change or drop. Unless stated otherwise, the text must be valid JSON. */

const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d[\d.eE+-]*|[{}[\],]/g;

/** Returns whether a double represents the integer exactly. Fractions only need to be finite. */
export function isExactNumber(literal: string): boolean {
  const value = Number(literal);
  if (!/^-?\d+$/.test(literal)) return Number.isFinite(value);
  return Number.isSafeInteger(value) || String(value) === literal;
}

/** Lists the numbers that JSON.parse would change, such as integers beyond 2^53. */
export function inexactNumbers(text: string): string[] {
  // Skips the scan for the many texts that cannot contain such a number.
  if (!/\d{16}|\d[eE]/.test(text)) return [];
  return [...text.matchAll(TOKEN)]
    .map(([token]) => token)
    .filter((token) => /^[-\d]/.test(token) && !isExactNumber(token));
}

/** Parses external data. Throws SyntaxError for invalid JSON and for numbers that JSON.parse would change. */
export function parseData(text: string): Json {
  const value = readJson(text);
  const [inexact] = inexactNumbers(text);
  if (inexact === undefined) return value;
  throw new SyntaxError(`the number ${inexact} cannot be represented exactly; send it as a string`);
}

interface Frame {
  /** The keys of an object so far; undefined for a list. */
  readonly keys: Set<string> | undefined;
  key: string | undefined;
}

/** Lists duplicate keys with their places, e.g. `States.Copy.Next`. JSON.parse keeps only the last value. */
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

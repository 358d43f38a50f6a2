import { parseJson, toText, WholeFraction } from './whole-fraction';

export { toText } from './whole-fraction';

export type Json = null | boolean | number | WholeFraction | string | Json[] | JsonObject;
export interface JsonObject {
  [key: string]: Json;
}

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof WholeFraction);

/** Returns undefined if the value is not a number. */
export const asNumber = (value: unknown): number | undefined => {
  if (value instanceof WholeFraction) return value.value;
  return typeof value === 'number' ? value : undefined;
};

export const byteLength = (text: string): number => Buffer.byteLength(text, 'utf8');

/** Looks up a name that comes from outside. Ignores inherited members such as `constructor`. */
export const ownValue = <T>(record: Readonly<Record<string, T>>, name: string): T | undefined =>
  Object.hasOwn(record, name) ? record[name] : undefined;

/** Converts any value to JSON: undefined becomes null, dates become strings, whole fractions become numbers. */
export function asJson(value: unknown): Json {
  return value === undefined ? null : (JSON.parse(JSON.stringify(value)) as Json);
}

/** Parses JSON text. Throws SyntaxError. */
export const readJson = (text: string): Json => parseJson(text) as Json;

/** Renders a value for messages, truncated to 120 characters. */
export function abbreviate(value: unknown): string {
  const text = value === undefined ? 'undefined' : toText(value);
  return text.length <= 120 ? text : `${text.slice(0, 117)}...`;
}

/** Returns a string as it is, and renders any other value. */
export const textOf = (value: Json | undefined): string =>
  typeof value === 'string' ? value : abbreviate(value);

export type Json = null | boolean | number | string | Json[] | JsonObject;
export interface JsonObject {
  [key: string]: Json;
}

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const byteLength = (text: string): number => Buffer.byteLength(text, 'utf8');

/** What the record itself has under a name from outside; `constructor` and the like are nothing. */
export const ownValue = <T>(record: Readonly<Record<string, T>>, name: string): T | undefined =>
  Object.hasOwn(record, name) ? record[name] : undefined;

/** A value of unknown origin as JSON carries it: `undefined` becomes null, dates become text. */
export function asJson(value: unknown): Json {
  return value === undefined ? null : (JSON.parse(JSON.stringify(value)) as Json);
}

/** A short rendering for messages; never the whole of a large value. */
export function abbreviate(value: unknown): string {
  const text = JSON.stringify(value) ?? 'undefined';
  return text.length <= 120 ? text : `${text.slice(0, 117)}...`;
}

/** A value that should be text, as text. */
export const textOf = (value: Json | undefined): string =>
  typeof value === 'string' ? value : abbreviate(value);

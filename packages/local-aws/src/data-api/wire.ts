/** Reads the JSON of requests. No part of it is trusted: each reader checks the members that it uses. */
import { isUtf8 } from 'node:buffer';
import { randomUUID } from 'node:crypto';

import { invalid } from './errors';

export type JsonObject = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Integers of 2^53 and above, which JavaScript's own parser would round. */
const WIDE_LONG = /"longValue"\s*:\s*(-?\d{16,})(?=\s*[,}])/g;
/** Prefix of the digits. No request can know it, so none can pass a string as a number. */
const WIDE_MARK = `${randomUUID()} `;

/** Returns the digits of a long that `parseBody` kept exact; undefined for any other value. */
export function wideDigits(value: unknown): string | undefined {
  return typeof value === 'string' && value.startsWith(WIDE_MARK) ? value.slice(WIDE_MARK.length) : undefined;
}

/** A surrogate without its pair, e.g. `\ud800`. UTF-8 cannot encode it, so another character would be stored. */
const LONE_SURROGATE = /\p{Surrogate}/u;
export const isWellFormed = (text: string): boolean => !LONE_SURROGATE.test(text);

/**
 * Parses a request's body. Long values that do not fit a JavaScript number stay exact: see `wideDigits`.
 *
 * @throws ServiceError ValidationException if the body is not a JSON object
 */
export function parseBody(body: Buffer): JsonObject {
  if (!isUtf8(body)) throw invalid("The request's body is not UTF-8");
  const text = body.toString('utf8');
  let value: unknown;
  try {
    // A quote inside a JSON string is always escaped, so the pattern cannot match within row data.
    value = JSON.parse(
      text.includes('"longValue"') ? text.replace(WIDE_LONG, `"longValue":"${WIDE_MARK}$1"`) : text,
    );
  } catch (error) {
    throw invalid(`The request's body is not JSON: ${(error as Error).message}`);
  }
  if (!isObject(value)) throw invalid("The request's body must be a JSON object");
  return value;
}

/** Reads the members of one request and collects every problem, so that one error reports them all. */
export class RequestReader {
  readonly problems: string[] = [];
  private readonly known = new Set<string>();

  constructor(private readonly body: JsonObject) {}

  /** @param lengthMax in characters, as in the service model */
  text(member: string, lengthMax: number): string | undefined {
    const value = this.take(member);
    if (value === undefined) return undefined;
    if (typeof value !== 'string') this.problems.push(`Value at '${member}' must be a string`);
    else if (!isWellFormed(value))
      this.problems.push(`Value at '${member}' must be well-formed Unicode, without lone surrogates`);
    else if (value.length > lengthMax) this.problems.push(tooLong(member, lengthMax));
    else return value;
    return undefined;
  }

  requiredText(member: string, lengthMax: number, lengthMin = 1): string {
    const value = this.text(member, lengthMax);
    if (value === undefined || value === '') {
      if (value === '' || isAbsent(this.body[member])) this.problems.push(required(member));
      return '';
    }
    if (value.length < lengthMin) this.problems.push(tooShort(member, lengthMin));
    return value;
  }

  flag(member: string): boolean {
    const value = this.take(member);
    if (value === undefined || typeof value === 'boolean') return value ?? false;
    this.problems.push(`Value at '${member}' must be a boolean`);
    return false;
  }

  choice<T extends string>(member: string, choices: readonly T[], fallback: T): T {
    const value = this.take(member);
    if (value === undefined) return fallback;
    const chosen = choices.find((choice) => choice === value);
    if (chosen === undefined) this.problems.push(`Value at '${member}' must be one of ${choices.join(', ')}`);
    return chosen ?? fallback;
  }

  list(member: string): readonly unknown[] {
    const value = this.take(member);
    if (value === undefined) return [];
    if (Array.isArray(value)) return value;
    this.problems.push(`Value at '${member}' must be a list`);
    return [];
  }

  /** Reads a list of lists. */
  lists(member: string): readonly (readonly unknown[])[] {
    return this.list(member).map((value, index): readonly unknown[] => {
      if (Array.isArray(value)) return value;
      this.problems.push(`Value at '${member}[${index}]' must be a list`);
      return [];
    });
  }

  object(member: string): JsonObject {
    const value = this.take(member);
    if (value === undefined) return {};
    if (isObject(value)) return value;
    this.problems.push(`Value at '${member}' must be a structure`);
    return {};
  }

  /** Refuses unknown members too. The real service ignores them, but they are more likely a mistake. */
  finish(): void {
    for (const member of Object.keys(this.body)) {
      if (!this.known.has(member)) this.problems.push(`Member '${member}' is unknown to this operation`);
    }
    const count = this.problems.length;
    if (count === 0) return;
    throw invalid(`${count} validation error${count > 1 ? 's' : ''} detected: ${this.problems.join('; ')}`);
  }

  private take(member: string): unknown {
    this.known.add(member);
    const value = this.body[member];
    return isAbsent(value) ? undefined : value;
  }
}

const isAbsent = (value: unknown): boolean => value === undefined || value === null;
const required = (member: string): string =>
  `Value at '${member}' failed to satisfy constraint: Member must not be null or empty`;
const tooLong = (member: string, lengthMax: number): string =>
  `Value at '${member}' failed to satisfy constraint: Member must have length less than or equal to ${lengthMax}`;
const tooShort = (member: string, lengthMin: number): string =>
  `Value at '${member}' failed to satisfy constraint: Member must have length greater than or equal to ${lengthMin}`;

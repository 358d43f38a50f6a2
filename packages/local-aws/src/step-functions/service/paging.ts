import { outOfRange } from './constraint';
import type { Request } from './request';
import { ServiceError } from './service-error';

const PAGE_DEFAULT = 100;
const PAGE_MAX = 1000;
const TOKEN_LENGTH_MAX = 3096;
const TOKEN_LIFE_MS = 24 * 60 * 60 * 1000;

interface Token {
  /** The listing that it belongs to. */
  readonly listing: string;
  readonly after: string;
  readonly issuedMs: number;
}

/**
 * One page of an ordered listing. `keyOf` orders the items; the token holds the last key, so that items which come
 * or go between two pages shift nothing. Throws InvalidToken, ValidationException.
 */
export function page<T>(
  request: Request,
  listing: string,
  nowMs: number,
  items: readonly T[],
  keyOf: (item: T) => string,
): { items: T[]; nextToken?: string } {
  const size = request.number('maxResults') ?? 0;
  if (size < 0 || size > PAGE_MAX) throw outOfRange('maxResults', size, 0, PAGE_MAX);
  request.length('nextToken', 1, TOKEN_LENGTH_MAX);
  const after = afterOf(request.optionalString('nextToken'), listing, nowMs);
  const ordered = items
    .map((item) => ({ item, key: keyOf(item) }))
    .sort((left, right) => (left.key < right.key ? -1 : 1));
  const rest = after === undefined ? ordered : ordered.filter(({ key }) => key > after);
  const taken = rest.slice(0, size || PAGE_DEFAULT);
  const last = taken.at(-1);
  const result = { items: taken.map(({ item }) => item) };
  if (!last || taken.length === rest.length) return result;
  const token: Token = { listing, after: last.key, issuedMs: nowMs };
  return { ...result, nextToken: Buffer.from(JSON.stringify(token)).toString('base64') };
}

function afterOf(text: string | undefined, listing: string, nowMs: number): string | undefined {
  if (text === undefined) return undefined;
  try {
    const token = JSON.parse(Buffer.from(text, 'base64').toString()) as Token;
    if (token.listing === listing && nowMs - token.issuedMs < TOKEN_LIFE_MS) return token.after;
  } catch {
    // Falls through to the refusal.
  }
  throw new ServiceError('InvalidToken', `Invalid Token: '${text}' is expired or belongs to another request`);
}

const DIGITS = 16;

/** Ascending key of a number that is not negative. */
export const ascending = (value: number): string => String(value).padStart(DIGITS, '0');

/** Descending key of a number that is not negative. */
export const descending = (value: number): string => ascending(Number.MAX_SAFE_INTEGER - value);

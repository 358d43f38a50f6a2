import { outOfRange } from './constraint';
import type { Request } from './request';
import { ServiceError } from './service-error';

const PAGE_DEFAULT = 100;
const PAGE_MAX = 1000;
const TOKEN_LENGTH_MAX = 3096;
const TOKEN_LIFE_MS = 24 * 60 * 60 * 1000;

interface Token {
  /** The listing that the token belongs to. */
  readonly listing: string;
  readonly after: string;
  readonly issuedMs: number;
}

/**
 * Returns one page of a listing, ordered by `keyOf`. The token holds the last key, so that items added or removed
 * between two requests do not shift the pages. Throws InvalidToken, ValidationException.
 */
export function paginate<T>(
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
  const remaining = after === undefined ? ordered : ordered.filter(({ key }) => key > after);
  const selected = remaining.slice(0, size || PAGE_DEFAULT);
  const last = selected.at(-1);
  const result = { items: selected.map(({ item }) => item) };
  if (!last || selected.length === remaining.length) return result;
  const token: Token = { listing, after: last.key, issuedMs: nowMs };
  return { ...result, nextToken: Buffer.from(JSON.stringify(token)).toString('base64') };
}

function afterOf(text: string | undefined, listing: string, nowMs: number): string | undefined {
  if (text === undefined) return undefined;
  try {
    const token = JSON.parse(Buffer.from(text, 'base64').toString()) as Token;
    if (token.listing === listing && nowMs - token.issuedMs < TOKEN_LIFE_MS) return token.after;
  } catch {
    // A malformed token is refused below.
  }
  throw new ServiceError(
    'InvalidToken',
    `Invalid Token: '${text}' has expired or belongs to another request`,
  );
}

const DIGITS = 16;

/** Returns an ascending sort key for a non-negative number. */
export const ascending = (value: number): string => String(value).padStart(DIGITS, '0');

/** Returns a descending sort key for a non-negative number. */
export const descending = (value: number): string => ascending(Number.MAX_SAFE_INTEGER - value);

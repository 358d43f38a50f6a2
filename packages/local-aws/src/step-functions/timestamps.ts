const ISO_8601 = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(\.\d+)?(Z|[+-]\d{2}:\d{2})$/;

/** Parses an ISO 8601 date-time with an offset into milliseconds since the epoch; undefined if it is invalid. */
export function timestampMs(text: unknown): number | undefined {
  if (typeof text !== 'string') return undefined;
  const match = ISO_8601.exec(text);
  if (!match) return undefined;
  const parsedMs = Date.parse(text);
  if (Number.isNaN(parsedMs)) return undefined;
  // Date.parse converts 31 February to a day in March.
  const dayMs = Date.parse(`${match[1]}-${match[2]}-${match[3]}T00:00:00Z`);
  return new Date(dayMs).getUTCDate() === Number(match[3]) ? parsedMs : undefined;
}

/** Converts milliseconds to seconds since the epoch, the form of dates in API responses and history events. */
export const epochSeconds = (ms: number): number => ms / 1000;

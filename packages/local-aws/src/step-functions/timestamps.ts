const ISO_8601 = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(\.\d+)?(Z|[+-]\d{2}:\d{2})$/;

/** Milliseconds since the epoch, if the text is an ISO-8601 date-time with an offset, as Step Functions wants it. */
export function timestampMs(text: unknown): number | undefined {
  if (typeof text !== 'string') return undefined;
  const match = ISO_8601.exec(text);
  if (!match) return undefined;
  const parsedMs = Date.parse(text);
  if (Number.isNaN(parsedMs)) return undefined;
  // Date.parse takes 31 February for a day in March.
  const dayMs = Date.parse(`${match[1]}-${match[2]}-${match[3]}T00:00:00Z`);
  return new Date(dayMs).getUTCDate() === Number(match[3]) ? parsedMs : undefined;
}

/** Converts milliseconds to seconds since the epoch, the form of dates in API responses and history events. */
export const epochSeconds = (ms: number): number => ms / 1000;

/** Converts timestamps with time zone to UTC, regardless of the session's time zone. */
import { unsupportedResult } from './errors';

const ISO = /^(\d{4,})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)(\.\d+)?([+-])(\d\d)(?::(\d\d))?(?::(\d\d))?( BC)?$/;

/**
 * Converts `2026-03-01 10:00:00.123456+02` to `2026-03-01 08:00:00.123456`. That the response omits the offset is
 * unverified; the documentation says only that the value is in UTC.
 *
 * @param text as `datestyle = ISO` writes it
 */
export function utcTimestamp(text: string): string {
  if (text.endsWith('+00')) return text.slice(0, -3);
  const match = ISO.exec(text);
  // infinity, -infinity
  if (match === null) return text;
  const [, year, month, day, hour, minute, second, fraction = '', sign, ...rest] = match;
  const [offsetHours, offsetMinutes = '0', offsetSeconds = '0', era] = rest;
  const offset = (Number(offsetHours) * 60 + Number(offsetMinutes)) * 60 + Number(offsetSeconds);
  const moment = new Date(0);
  moment.setUTCFullYear(era === undefined ? Number(year) : 1 - Number(year), Number(month) - 1, Number(day));
  moment.setUTCHours(Number(hour), Number(minute), Number(second) + (sign === '+' ? -offset : offset));
  if (Number.isNaN(moment.getTime())) throw unsupportedResult(`Cannot convert ${text} to UTC`);
  return formatUtc(moment, fraction);
}

function formatUtc(moment: Date, fraction: string): string {
  const pad = (value: number, digits = 2): string => String(value).padStart(digits, '0');
  const year = moment.getUTCFullYear();
  const date = `${pad(year > 0 ? year : 1 - year, 4)}-${pad(moment.getUTCMonth() + 1)}-${pad(moment.getUTCDate())}`;
  const time = `${pad(moment.getUTCHours())}:${pad(moment.getUTCMinutes())}:${pad(moment.getUTCSeconds())}`;
  return `${date} ${time}${fraction}${year > 0 ? '' : ' BC'}`;
}

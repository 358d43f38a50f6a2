import { PINNED_SETTINGS } from '../../../core/settings';

/** Settings that a value's text depends on. */
const TEXT_SETTINGS = [
  'DateStyle',
  'TimeZone',
  'IntervalStyle',
  'extra_float_digits',
  'bytea_output',
  'lc_monetary',
];

export const quoteLiteral = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** The clauses of a function that make the texts which it writes and reads the same in every session. */
export const SET_TEXT_SETTINGS = TEXT_SETTINGS.map(
  (name) => `SET ${name} = ${quoteLiteral(PINNED_SETTINGS[name]!)}`,
).join(' ');

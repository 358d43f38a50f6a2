import type { Group } from '../../core/ports';

/** Writes a text array as PostgreSQL reads it. */
export const arrayLiteral = (texts: readonly (string | null)[]): string =>
  `{${texts.map((text) => (text === null ? 'NULL' : `"${text.replace(/[\\"]/g, '\\$&')}"`)).join(',')}}`;

/** Joins `{a,b}` and `{c}` to `{a,b,c}`. The literals of array_agg are one-dimensional, so only the outermost braces are removed. */
export const joinLiterals = (groups: readonly Group[], index: number): string =>
  `{${groups.map((group) => group.columns![index]!.slice(1, -1)).join(',')}}`;

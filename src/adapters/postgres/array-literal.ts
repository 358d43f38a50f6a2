import type { Group } from '../../core/ports';

/** A text array as PostgreSQL reads it. */
export const arrayLiteral = (texts: readonly (string | null)[]): string =>
  `{${texts.map((text) => (text === null ? 'NULL' : `"${text.replace(/[\\"]/g, '\\$&')}"`)).join(',')}}`;

/** `{a,b}` and `{c}` are `{a,b,c}`: array_agg's literals are one-dimensional and start at 1, so their braces are outermost. */
export const joinLiterals = (groups: readonly Group[], index: number): string =>
  `{${groups.map((group) => group.columns![index]!.slice(1, -1)).join(',')}}`;

/** Sums a hash of each row's text `text`, a column of `d`. */
export const sumOf = (text: string, seed: 0 | 1): string =>
  `coalesce(sum(hashtextextended(d.${text}, ${seed})), 0)::text`;
/** Builds the text of a record of these values. */
export const textOf = (values: readonly string[]): string => `ROW(${values.join(', ')})::text COLLATE "C"`;

export const sumOf = (text: string, seed: 0 | 1): string =>
  `coalesce(sum(hashtextextended(d.${text}, ${seed})), 0)::text`;
export const textOf = (values: readonly string[]): string => `ROW(${values.join(', ')})::text COLLATE "C"`;
